//! The other API, as far as Apps hide and resolve with it. It answers the fields of the lists and changes below whatever else a
//! query asks; that a query is one that GitHub's schema allows is checked where it is written.

use base64::Engine as _;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::auth::{Caller, Level, TokenScope};
use super::objects::node_id;
use super::reactions;
use super::reviews::{Review, ReviewComment};
use super::routes::Call;
use super::world::{Repo, World};
use crate::names::{RepoName, Sha};

/// Where it is: beside the first API, as on GitHub Enterprise Server.
pub(super) const PATH: &str = "/api/graphql";
/// What GitHub gives in one page at most.
const PAGE: usize = 100;

#[derive(Deserialize)]
struct Asked {
    query: String,
    #[serde(default)]
    variables: Map<String, Value>,
}

/// Why nothing is answered: kind and words, as in `errors`.
type Failed = (&'static str, String);

/// Whether a body changes nothing.
pub(super) fn is_query(body: &Value) -> bool {
    let query = body["query"].as_str().unwrap_or_default();
    !query.trim_start().starts_with("mutation")
}

/// Answers with status 200 whatever comes of it, as GitHub does.
pub(super) fn answer(world: &mut World, call: &Call) -> Outcome {
    let Caller::Installation { scope, .. } = world.authenticate(&call.headers)? else {
        return Err(Refusal::new(401, "Bad credentials"));
    };
    let asked: Asked = call.read()?;
    let done = match field(&asked.query) {
        Some("minimizeComment") => minimize(world, &scope, &asked),
        Some("resolveReviewThread") => resolve(world, &scope, &asked),
        Some("createCommitOnBranch") => commit(world, &scope, &asked),
        Some("addReaction") => react(world, &scope, &asked),
        Some(list @ ("reviews" | "reviewThreads")) => listed(world, &scope, &asked, list),
        _ => Err((
            "undefinedField",
            "the stand-in has no such field".to_owned(),
        )),
    };
    Ok(Answer::ok(match done {
        Ok(data) => json!({ "data": data }),
        Err((kind, message)) => {
            json!({ "data": null, "errors": [{ "type": kind, "message": message }] })
        }
    }))
}

fn field(query: &str) -> Option<&'static str> {
    [
        "createCommitOnBranch",
        "minimizeComment",
        "resolveReviewThread",
        "addReaction",
        "reviewThreads",
        "reviews",
    ]
    .into_iter()
    .find(|name| query.contains(&format!("{name}(")))
}

fn forbidden() -> Failed {
    (
        "FORBIDDEN",
        "Resource not accessible by integration".to_owned(),
    )
}

fn not_found() -> Failed {
    ("NOT_FOUND", "Could not resolve to a node".to_owned())
}

fn text<'a>(asked: &'a Asked, name: &str) -> Result<&'a str, Failed> {
    let missing = || {
        let message = format!("Variable ${name} was provided invalid value");
        ("INVALID_VARIABLE", message)
    };
    asked
        .variables
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(missing)
}

/// The number behind a node's name, when it is one of this kind.
fn number(id: &str, kind: &str) -> Option<u64> {
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let text = String::from_utf8(engine.decode(id).ok()?).ok()?;
    let (of, number) = text.split_once(':')?;
    (of == kind).then(|| number.parse().ok())?
}

/// The repository that has it, when the token reaches that.
fn holder(
    world: &World,
    scope: &TokenScope,
    has: impl Fn(&Repo) -> bool,
) -> Result<RepoName, Failed> {
    let mut repos = world.repos.values();
    let repo = repos.find(|repo| has(repo)).ok_or_else(not_found)?;
    match scope.covers(&repo.name) {
        true => Ok(repo.name.clone()),
        false => Err(not_found()),
    }
}

fn minimize(world: &mut World, scope: &TokenScope, asked: &Asked) -> Result<Value, Failed> {
    let id = number(text(asked, "id")?, "PullRequestReview").ok_or_else(not_found)?;
    if !asked.query.contains("classifier: OUTDATED") {
        return Err(("argumentLiteralsIncompatible", "no classifier".to_owned()));
    }
    let name = holder(world, scope, |repo| repo.reviews.contains_key(&id))?;
    if !scope.may("pull_requests", Level::Write) {
        return Err(forbidden());
    }
    let repo = world.repo_mut(&name).map_err(|_| not_found())?;
    if let Some(review) = repo.reviews.get_mut(&id) {
        review.is_minimized = true;
    }
    Ok(json!({ "minimizeComment": { "clientMutationId": null } }))
}

/// What `createCommitOnBranch` takes; GitHub refuses what it does not know.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CommitInput {
    branch: BranchInput,
    expected_head_oid: Sha,
    message: MessageInput,
    file_changes: FileChanges,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BranchInput {
    repository_name_with_owner: RepoName,
    branch_name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageInput {
    headline: String,
    #[serde(default)]
    body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileChanges {
    #[serde(default)]
    additions: Vec<Addition>,
    #[serde(default)]
    deletions: Vec<Deletion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Addition {
    path: String,
    contents: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deletion {
    path: String,
}

/// Makes a commit as the App's bot, signed by GitHub, on a branch that is where it is expected.
fn commit(world: &mut World, scope: &TokenScope, asked: &Asked) -> Result<Value, Failed> {
    let invalid = |error: &dyn std::fmt::Display| ("INVALID_VARIABLE", error.to_string());
    let input = asked.variables.get("input").cloned().unwrap_or_default();
    let input: CommitInput = serde_json::from_value(input).map_err(|error| invalid(&error))?;
    let name = input.branch.repository_name_with_owner;
    if !scope.covers(&name) {
        return Err(not_found());
    }
    if !scope.may("contents", Level::Write) {
        return Err(forbidden());
    }
    let bot = world.bot().login;
    let now_ms = world.now_ms();
    let repo = world.repo(&name).map_err(|_| not_found())?;
    let branch = input.branch.branch_name;
    let tip = repo.branches.get(&branch).ok_or_else(not_found)?;
    if *tip != input.expected_head_oid {
        let message = format!(
            "Expected branch to point to \"{}\" but it did not. Pull and try again.",
            input.expected_head_oid
        );
        return Err(("STALE_DATA", message));
    }
    if let Some(why) = repo.protection(&branch) {
        return Err(("UNPROCESSABLE", why));
    }
    let engine = base64::engine::general_purpose::STANDARD;
    let mut files: Vec<(String, Option<String>)> = Vec::new();
    for Addition { path, contents } in input.file_changes.additions {
        let bytes = engine.decode(contents).map_err(|error| invalid(&error))?;
        let text = String::from_utf8(bytes).map_err(|error| invalid(&error))?;
        files.push((path, Some(text)));
    }
    for Deletion { path } in input.file_changes.deletions {
        if repo.file(tip, &path).ok().flatten().is_none() {
            return Err((
                "UNPROCESSABLE",
                format!("A path was requested for deletion which does not exist: {path}"),
            ));
        }
        files.push((path, None));
    }
    let changes: Vec<(&str, Option<&str>)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_deref()))
        .collect();
    let message = format!("{}\n\n{}", input.message.headline, input.message.body);
    let failed = |error: &dyn std::fmt::Display| ("INTERNAL", error.to_string());
    let made = repo.commit(Some(tip), &changes, &bot, &message, now_ms);
    let made = made.map_err(|error| failed(&error))?;
    repo.point(&branch, &made).map_err(|error| failed(&error))?;
    world
        .after_push(&name, &bot)
        .map_err(|error| failed(&error))?;
    Ok(json!({ "createCommitOnBranch": { "commit": { "oid": made } } }))
}

fn react(world: &mut World, scope: &TokenScope, asked: &Asked) -> Result<Value, Failed> {
    let id = number(text(asked, "id")?, "PullRequestReview").ok_or_else(not_found)?;
    let content = match text(asked, "content")? {
        "EYES" => "eyes",
        "CONFUSED" => "confused",
        _ => {
            let message = "Variable $content was provided invalid value".to_owned();
            return Err(("INVALID_VARIABLE", message));
        }
    };
    let name = holder(world, scope, |repo| repo.reviews.contains_key(&id))?;
    if !scope.may("pull_requests", Level::Write) {
        return Err(forbidden());
    }
    reactions::to_review(world, &name, id, content);
    Ok(json!({ "addReaction": { "clientMutationId": null } }))
}

/// Apps need leave to write code for this besides; seen on GitHub, not documented.
fn resolve(world: &mut World, scope: &TokenScope, asked: &Asked) -> Result<Value, Failed> {
    let id = number(text(asked, "id")?, "PullRequestReviewThread").ok_or_else(not_found)?;
    let name = holder(world, scope, |repo| repo.review_comments.contains_key(&id))?;
    if !scope.may("pull_requests", Level::Write) || !scope.may("contents", Level::Write) {
        return Err(forbidden());
    }
    let repo = world.repo_mut(&name).map_err(|_| not_found())?;
    if let Some(comment) = repo.review_comments.get_mut(&id) {
        comment.is_resolved = true;
    }
    Ok(json!({ "resolveReviewThread": { "clientMutationId": null } }))
}

fn listed(world: &World, scope: &TokenScope, asked: &Asked, list: &str) -> Result<Value, Failed> {
    let name = format!("{}/{}", text(asked, "owner")?, text(asked, "name")?);
    let name: RepoName = name.parse().map_err(|_| not_found())?;
    let repo = world.repo(&name).map_err(|_| not_found())?;
    if !scope.covers(&name) {
        return Err(not_found());
    }
    if !scope.may("pull_requests", Level::Read) {
        return Err(forbidden());
    }
    let pull = asked.variables.get("number").and_then(Value::as_u64);
    let pull = pull.ok_or_else(not_found)?;
    let nodes: Vec<Value> = match list {
        "reviews" => {
            let of_pull = repo.reviews.values().filter(|one| one.pull == pull);
            of_pull.map(|one| review(world, repo, one)).collect()
        }
        _ => {
            let first = |one: &&ReviewComment| one.pull == pull && one.in_reply_to.is_none();
            let threads = repo.review_comments.values().filter(first);
            threads.map(|one| thread(world, repo, one)).collect()
        }
    };
    let after = asked.variables.get("after").and_then(Value::as_str);
    let skip: usize = after.map_or(Ok(0), str::parse).map_err(|_| not_found())?;
    let until = (skip + PAGE).min(nodes.len());
    let page = json!({
        "pageInfo": { "hasNextPage": until < nodes.len(), "endCursor": until.to_string() },
        "nodes": nodes.get(skip..until).unwrap_or_default(),
    });
    Ok(json!({ "repository": { "pullRequest": { alias(&asked.query, list): page } } }))
}

/// What the query calls a list.
fn alias<'a>(query: &'a str, list: &'a str) -> &'a str {
    let before = query.split(&format!("{list}(")).next().unwrap_or_default();
    let named = before.trim_end().strip_suffix(':');
    named
        .and_then(|named| named.rsplit(|c: char| !c.is_alphanumeric()).next())
        .unwrap_or(list)
}

fn review(world: &World, repo: &Repo, review: &Review) -> Value {
    json!({
        "id": node_id("PullRequestReview", review.id),
        "fullDatabaseId": review.id.to_string(),
        "url": format!("{}/{}/pull/{}#pullrequestreview-{}", world.server, repo.name, review.pull, review.id),
        "body": review.body,
        "isMinimized": review.is_minimized,
        "viewerDidAuthor": review.author == world.app.bot_login(),
    })
}

fn thread(world: &World, repo: &Repo, first: &ReviewComment) -> Value {
    let answers = |one: &&ReviewComment| one.id == first.id || one.in_reply_to == Some(first.id);
    let said: Vec<Value> = repo
        .review_comments
        .values()
        .filter(answers)
        .map(|one| json!({ "body": one.body, "viewerDidAuthor": one.author == world.app.bot_login() }))
        .collect();
    json!({
        "id": node_id("PullRequestReviewThread", first.id),
        "isResolved": first.is_resolved,
        "isOutdated": first.line.is_some() && repo.stands(first).is_none(),
        "path": first.path,
        "comments": { "totalCount": said.len(), "nodes": said.iter().take(PAGE).collect::<Vec<_>>() },
    })
}
