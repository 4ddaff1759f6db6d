//! Comments in the conversation of a pull request.

use serde::Deserialize;
use serde_json::json;

use super::answer::{Answer, Outcome, Refusal};
use super::error::StandInError;
use super::objects::comment::{parts, value};
use super::pulls;
use super::reactions::Reaction;
use super::routes::Call;
use super::world::{Repo, World};
use crate::limits;
use crate::names::RepoName;

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
    if body.chars().count() > limits::BODY_CHARS {
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
pub(super) fn since(call: &Call, ms: i64) -> bool {
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
