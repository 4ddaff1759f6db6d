//! The routes, in one table: method, path, what the caller needs, and who answers.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method};
use serde_json::Value;

use super::answer::{Outcome, Refusal};
use super::auth::{self, Caller, Level, Needs};
use super::world::World;
use super::{app, checks, comments, manifests, people_api as people, pulls, reactions, reviews};
use crate::names::RepoName;

/// A request after it was read, before it is answered.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub path: String,
    pub headers: HeaderMap,
    pub query: Vec<(String, String)>,
    pub body: Value,
    /// Where the API is, for `Link` headers.
    pub api: String,
    captured: BTreeMap<&'static str, String>,
    caller: Option<Caller>,
}

impl Call {
    pub fn new(path: String, headers: HeaderMap, query: Vec<(String, String)>) -> Self {
        Self {
            path,
            headers,
            query,
            body: Value::Null,
            api: String::new(),
            captured: BTreeMap::new(),
            caller: None,
        }
    }
    /// A piece of the path by its name in the template; empty when the template has none of that name.
    pub fn piece(&self, name: &str) -> &str {
        self.captured.get(name).map_or("", String::as_str)
    }
    /// A number in the path. What is not a number names nothing.
    pub fn number(&self, name: &str) -> Result<u64, Refusal> {
        self.piece(name).parse().map_err(|_| Refusal::not_found())
    }
    /// The repository of the path.
    pub fn repo(&self) -> Result<RepoName, Refusal> {
        format!("{}/{}", self.piece("owner"), self.piece("repo"))
            .parse()
            .map_err(|_| Refusal::not_found())
    }
    pub fn query_text(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
    pub fn query_number(&self, name: &str) -> Option<usize> {
        self.query_text(name)?.parse().ok()
    }
    /// The installation that calls, for the routes that want one.
    pub fn installation(&self) -> Option<(u64, &auth::TokenScope)> {
        match self.caller.as_ref()? {
            Caller::Installation { id, scope } => Some((*id, scope)),
            Caller::App => None,
        }
    }
    /// One entry of a `Link` header: this call with `key` set anew.
    pub fn link(&self, key: &str, value: &str, rel: &str) -> String {
        let mut query: Vec<String> = self
            .query
            .iter()
            .filter(|(name, _)| name != key)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        query.push(format!("{key}={value}"));
        format!(
            "<{}{}?{}>; rel=\"{rel}\"",
            self.api,
            self.path,
            query.join("&")
        )
    }
    /// The body as `T`; what does not fit is refused as GitHub's schema check refuses it.
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_value(self.body.clone())
            .map_err(|error| Refusal::invalid(&error.to_string()))
    }
}

/// One row of the table.
pub(super) struct Route {
    pub method: Method,
    pub template: &'static str,
    needs: Needs,
    run: fn(&mut World, &Call) -> Outcome,
}

const LOOK: Needs = Needs::OneOf(&[("metadata", Level::Read)]);
const PULLS_READ: Needs = Needs::OneOf(&[("pull_requests", Level::Read)]);
const PULLS_WRITE: Needs = Needs::OneOf(&[("pull_requests", Level::Write)]);
const TALK_READ: Needs = Needs::OneOf(&[("issues", Level::Read), ("pull_requests", Level::Read)]);
const TALK_WRITE: Needs =
    Needs::OneOf(&[("issues", Level::Write), ("pull_requests", Level::Write)]);
const ISSUES_READ: Needs = Needs::OneOf(&[("issues", Level::Read)]);
const ISSUES_WRITE: Needs = Needs::OneOf(&[("issues", Level::Write)]);
const CHECKS_READ: Needs = Needs::OneOf(&[("checks", Level::Read)]);
const CHECKS_WRITE: Needs = Needs::OneOf(&[("checks", Level::Write)]);
const CONTENTS_READ: Needs = Needs::OneOf(&[("contents", Level::Read)]);

macro_rules! routes {
    ($($method:ident $template:literal $needs:expr => $run:path;)*) => {
        &[$(Route { method: Method::$method, template: $template, needs: $needs, run: $run }),*]
    };
}

/// Permissions as GitHub's docs have them, "Permissions required for GitHub Apps".
pub(super) static ROUTES: &[Route] = routes! {
    GET "/app" Needs::App => app::show;
    GET "/app/installations" Needs::App => app::installations;
    GET "/app/installations/{installation_id}" Needs::App => app::installation;
    POST "/app/installations/{installation_id}/access_tokens" Needs::App => app::access_token;
    POST "/app-manifests/{code}/conversions" Needs::Nothing => manifests::convert;
    GET "/app/hook/config" Needs::App => app::hook_config;
    GET "/app/hook/deliveries" Needs::App => app::deliveries;
    GET "/app/hook/deliveries/{delivery_id}" Needs::App => app::delivery;
    POST "/app/hook/deliveries/{delivery_id}/attempts" Needs::App => app::redeliver;
    GET "/repos/{owner}/{repo}/installation" Needs::App => app::repo_installation;
    GET "/installation/repositories" Needs::AnyToken => app::repositories;
    GET "/users/{username}" Needs::AnyToken => people::user;
    GET "/repos/{owner}/{repo}" LOOK => people::repo;
    GET "/repos/{owner}/{repo}/collaborators/{username}/permission" LOOK => people::permission;
    GET "/repos/{owner}/{repo}/pulls" PULLS_READ => pulls::list;
    GET "/repos/{owner}/{repo}/pulls/{pull_number}" PULLS_READ => pulls::get;
    GET "/repos/{owner}/{repo}/pulls/{pull_number}/files" PULLS_READ => pulls::files;
    GET "/repos/{owner}/{repo}/pulls/{pull_number}/commits" PULLS_READ => pulls::commits;
    GET "/repos/{owner}/{repo}/pulls/{pull_number}/reviews" PULLS_READ => reviews::list;
    POST "/repos/{owner}/{repo}/pulls/{pull_number}/reviews" PULLS_WRITE => reviews::create;
    GET "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}" PULLS_READ => reviews::get;
    PUT "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}" PULLS_WRITE => reviews::update;
    GET "/repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/comments" PULLS_READ => reviews::comments_of;
    GET "/repos/{owner}/{repo}/pulls/{pull_number}/comments" PULLS_READ => reviews::comments;
    POST "/repos/{owner}/{repo}/pulls/{pull_number}/comments" PULLS_WRITE => reviews::comment;
    GET "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions" PULLS_READ => reactions::list_on_review_comment;
    POST "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions" PULLS_WRITE => reactions::on_review_comment;
    GET "/repos/{owner}/{repo}/issues/{issue_number}/comments" TALK_READ => comments::list;
    POST "/repos/{owner}/{repo}/issues/{issue_number}/comments" TALK_WRITE => comments::create;
    GET "/repos/{owner}/{repo}/issues/comments/{comment_id}" TALK_READ => comments::get;
    PATCH "/repos/{owner}/{repo}/issues/comments/{comment_id}" TALK_WRITE => comments::update;
    DELETE "/repos/{owner}/{repo}/issues/comments/{comment_id}" TALK_WRITE => comments::delete;
    GET "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions" ISSUES_READ => reactions::list_on_comment;
    POST "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions" ISSUES_WRITE => reactions::on_comment;
    POST "/repos/{owner}/{repo}/check-runs" CHECKS_WRITE => checks::create;
    GET "/repos/{owner}/{repo}/check-runs/{check_run_id}" CHECKS_READ => checks::get;
    PATCH "/repos/{owner}/{repo}/check-runs/{check_run_id}" CHECKS_WRITE => checks::update;
    GET "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations" CHECKS_READ => checks::annotations;
    GET "/repos/{owner}/{repo}/check-suites/{check_suite_id}" CHECKS_READ => checks::suite;
    GET "/repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs" CHECKS_READ => checks::list_for_suite;
    GET "/repos/{owner}/{repo}/commits/{ref}/check-runs" CHECKS_READ => checks::list_for_ref;
    GET "/repos/{owner}/{repo}/commits/{ref}/check-suites" CHECKS_READ => checks::suites_for_ref;
    GET "/repos/{owner}/{repo}/commits/{commit_sha}/pulls" PULLS_READ => pulls::of_commit;
    GET "/repos/{owner}/{repo}/commits/{ref}" CONTENTS_READ => pulls::commit;
    GET "/repos/{owner}/{repo}/git/ref/{ref}" CONTENTS_READ => pulls::git_ref;
};

/// The row for a method and path, with the pieces of the path.
pub(super) fn find(
    method: &Method,
    path: &str,
) -> Option<(&'static Route, BTreeMap<&'static str, String>)> {
    ROUTES.iter().find_map(|route| {
        (route.method == *method)
            .then(|| fits(route.template, path))
            .flatten()
            .map(|pieces| (route, pieces))
    })
}

/// Believes the caller, holds it against the row's needs, and answers.
pub(super) fn answer(
    world: &mut World,
    mut call: Call,
    matched: Option<(&Route, BTreeMap<&'static str, String>)>,
) -> Outcome {
    let Some((route, captured)) = matched else {
        return Err(Refusal::not_found());
    };
    call.captured = captured;
    call.api.clone_from(&world.api);
    if matches!(route.needs, Needs::Nothing) {
        return (route.run)(world, &call);
    }
    let caller = world.authenticate(&call.headers)?;
    let repo = call.repo().ok();
    auth::authorise(&caller, route.needs, repo.as_ref())?;
    call.caller = Some(caller);
    (route.run)(world, &call)
}

/// The pieces of `path` by the names in `template`. A `{ref}` at the end takes all that is left, slashes included.
fn fits(template: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    let mut captured = BTreeMap::new();
    let mut wanted = template.split('/').peekable();
    let mut given = path.split('/');
    while let Some(want) = wanted.next() {
        let have = given.next()?;
        match want
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            None if want == have => {}
            None => return None,
            Some(_) if have.is_empty() => return None,
            Some("ref") if wanted.peek().is_none() => {
                let rest: Vec<&str> = std::iter::once(have).chain(given.by_ref()).collect();
                captured.insert("ref", unescape(&rest.join("/")));
            }
            Some(name) => {
                captured.insert(name, unescape(have));
            }
        }
    }
    given.next().is_none().then_some(captured)
}

/// Undoes percent-encoding; what is not valid stays as it is.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let decoded = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match decoded {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_its_row_and_gives_its_pieces() {
        let (route, pieces) =
            find(&Method::GET, "/repos/a/b/commits/heads%2Fx/check-runs").expect("a row");
        assert_eq!(
            route.template,
            "/repos/{owner}/{repo}/commits/{ref}/check-runs"
        );
        assert_eq!(pieces["ref"], "heads/x");
        let (_, pieces) = find(&Method::GET, "/repos/a/b/git/ref/heads/feature/x").expect("a row");
        assert_eq!(pieces["ref"], "heads/feature/x");
        assert!(find(&Method::POST, "/repos/a/b").is_none());
        assert!(find(&Method::GET, "/repos/a/b/").is_none());
        assert!(find(&Method::GET, "/repos//b").is_none());
    }
}
