//! Comments in the conversation of a pull request.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::error::StandInError;
use super::objects;
use super::pulls;
use super::reactions::Reaction;
use super::routes::Call;
use super::world::{Repo, World, time};
use crate::domain::limits;
use crate::domain::name::RepoName;

/// A comment.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Its id.
    pub id: u64,
    /// The pull request that it is on.
    pub issue: u64,
    /// Who wrote it.
    pub author: String,
    /// Markdown.
    pub body: String,
    /// Who reacted to it, and how.
    pub reactions: Vec<Reaction>,
    pub(super) created_ms: i64,
    pub(super) updated_ms: i64,
}

#[derive(Deserialize)]
struct Body {
    body: Option<String>,
}

/// The body of the request, if GitHub would take it. `resource` is what GitHub calls the thing in its errors.
pub(super) fn checked_body(resource: &str, body: Option<String>) -> Result<String, Refusal> {
    let Some(body) = body.filter(|body| !body.trim().is_empty()) else {
        return Err(Refusal::field(resource, "body", "missing_field", None));
    };
    if body.chars().count() > limits::STANDIN_BODY_CHARS {
        return Err(Refusal::field(
            resource,
            "body",
            "unprocessable",
            Some("body is too long (maximum is 65536 characters)"),
        ));
    }
    Ok(body)
}

/// Whether a comment is from the time of the `since` parameter on.
fn since(call: &Call, ms: i64) -> bool {
    call.query_text("since")
        .and_then(|text| text.parse::<jiff::Timestamp>().ok())
        .is_none_or(|since| ms >= since.as_millisecond())
}

pub(super) fn list(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = pulls::of(world, call, "issue_number")?;
    let items = repo
        .comments
        .values()
        .filter(|comment| comment.issue == pull.number && since(call, comment.updated_ms))
        .map(|comment| value(world, repo, comment))
        .collect();
    Ok(Answer::page(call, items))
}

fn found<'w>(world: &'w World, call: &Call) -> Result<(&'w Repo, &'w Comment), Refusal> {
    let repo = world.repo(&call.repo()?)?;
    let comment = repo
        .comments
        .get(&call.number("comment_id")?)
        .ok_or_else(Refusal::not_found)?;
    Ok((repo, comment))
}

pub(super) fn get(world: &mut World, call: &Call) -> Outcome {
    let (repo, comment) = found(world, call)?;
    Ok(Answer::ok(value(world, repo, comment)))
}

pub(super) fn create(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = pulls::of(world, call, "issue_number")?;
    let (name, number) = (repo.name.clone(), pull.number);
    let body = checked_body("IssueComment", call.read::<Body>()?.body)?;
    let author = world.bot().login;
    let id = world.add_comment(&name, number, &author, &body)?;
    let repo = world.repo(&name)?;
    Ok(Answer::created(value(world, repo, &repo.comments[&id])))
}

pub(super) fn update(world: &mut World, call: &Call) -> Outcome {
    let (repo, comment) = found(world, call)?;
    let (name, id, before) = (repo.name.clone(), comment.id, comment.body.clone());
    let bot = own(world, comment)?;
    let body = checked_body("IssueComment", call.read::<Body>()?.body)?;
    let now = world.now_ms();
    if let Some(comment) = world.repo_mut(&name)?.comments.get_mut(&id) {
        comment.body = body;
        comment.updated_ms = now;
    }
    let repo = world.repo(&name)?;
    let answer = value(world, repo, &repo.comments[&id]);
    let mut parts = parts(world, repo, &repo.comments[&id])?;
    parts["changes"] = json!({ "body": { "from": before } });
    world.announce("issue_comment", Some("edited"), Some(&name), &bot, parts);
    Ok(Answer::ok(answer))
}

pub(super) fn delete(world: &mut World, call: &Call) -> Outcome {
    let (repo, comment) = found(world, call)?;
    let (name, id) = (repo.name.clone(), comment.id);
    let bot = own(world, comment)?;
    let parts = parts(world, repo, comment)?;
    world.repo_mut(&name)?.comments.remove(&id);
    world.announce("issue_comment", Some("deleted"), Some(&name), &bot, parts);
    Ok(Answer::nothing())
}

/// An App with `issues: write` may edit everybody's comments on GitHub. This one may not: Countersign has no business
/// in other people's words, and a test should see it if it tries.
fn own(world: &World, comment: &Comment) -> Result<String, Refusal> {
    let bot = world.app.bot_login();
    if comment.author == bot {
        Ok(bot)
    } else {
        Err(Refusal::new(403, "Resource not accessible by integration"))
    }
}

impl World {
    /// Adds a comment and tells the App.
    pub fn add_comment(
        &mut self,
        name: &RepoName,
        number: u64,
        author: &str,
        body: &str,
    ) -> Result<u64, StandInError> {
        self.repo(name)?.pull(number)?;
        self.user(author);
        let comment = Comment {
            id: self.next_id(),
            issue: number,
            author: author.to_owned(),
            body: body.to_owned(),
            reactions: Vec::new(),
            created_ms: self.now_ms(),
            updated_ms: self.now_ms(),
        };
        let id = comment.id;
        self.repo_mut(name)?.comments.insert(id, comment);
        let repo = self.repo(name)?;
        let parts = parts(self, repo, &repo.comments[&id])?;
        self.announce("issue_comment", Some("created"), Some(name), author, parts);
        Ok(id)
    }
}

/// What `issue_comment` events carry. Note that there is no head commit in them.
fn parts(world: &World, repo: &Repo, comment: &Comment) -> Result<Value, StandInError> {
    let pull = repo.pull(comment.issue)?;
    let api = format!("{}/repos/{}", world.api, repo.name);
    let url = format!("{api}/issues/{}", pull.number);
    let page = format!("{}/{}/pull/{}", world.server, repo.name, pull.number);
    let issue = json!({
        "url": url,
        "repository_url": api,
        "labels_url": format!("{url}/labels{{/name}}"),
        "comments_url": format!("{url}/comments"),
        "events_url": format!("{url}/events"),
        "html_url": page,
        "id": pull.issue_id,
        "node_id": objects::node_id("PullRequest", pull.id),
        "number": pull.number,
        "title": pull.title,
        "user": objects::user(world, &pull.author),
        "labels": [],
        "state": if pull.is_open() { "open" } else { "closed" },
        "locked": false,
        "assignee": null,
        "assignees": [],
        "milestone": null,
        "comments": repo.comments.values().filter(|one| one.issue == pull.number).count(),
        "created_at": time(pull.created_ms),
        "updated_at": time(pull.updated_ms),
        "closed_at": null,
        "author_association": "NONE",
        "active_lock_reason": null,
        "draft": pull.standing == pulls::Standing::Draft,
        "pull_request": {
            "url": format!("{api}/pulls/{}", pull.number),
            "html_url": page,
            "diff_url": format!("{page}.diff"),
            "patch_url": format!("{page}.patch"),
            "merged_at": null,
        },
        "body": null,
        "reactions": objects::reactions(&url, &pull.reactions),
        "timeline_url": format!("{url}/timeline"),
        "performed_via_github_app": null,
        "state_reason": null,
    });
    Ok(json!({ "issue": issue, "comment": value(world, repo, comment) }))
}

/// A comment as GitHub writes it.
pub(super) fn value(world: &World, repo: &Repo, comment: &Comment) -> Value {
    let api = format!("{}/repos/{}", world.api, repo.name);
    let url = format!("{api}/issues/comments/{}", comment.id);
    let by_app = comment.author == world.app.bot_login();
    json!({
        "id": comment.id,
        "node_id": objects::node_id("IssueComment", comment.id),
        "url": url,
        "html_url": format!("{}/{}/pull/{}#issuecomment-{}", world.server, repo.name, comment.issue, comment.id),
        "issue_url": format!("{api}/issues/{}", comment.issue),
        "user": objects::user(world, &comment.author),
        "created_at": time(comment.created_ms),
        "updated_at": time(comment.updated_ms),
        "author_association": if comment.author == repo.name.owner() { "OWNER" } else { "NONE" },
        "body": comment.body,
        "reactions": objects::reactions(&url, &comment.reactions),
        "performed_via_github_app": by_app.then(|| objects::app(world)),
    })
}
