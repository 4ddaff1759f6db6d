//! Reactions to comments: given once, however often they are sent.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::objects;
use super::routes::Call;
use super::world::{World, time};
use crate::names::RepoName;

/// The eight that there are.
pub(super) const CONTENTS: &[&str] = &[
    "+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes",
];

/// Somebody's reaction.
#[derive(Debug, Clone)]
pub struct Reaction {
    /// Whose.
    pub author: String,
    /// One of GitHub's eight.
    pub content: String,
    id: u64,
    created_ms: i64,
}

#[derive(Deserialize)]
struct Body {
    content: Option<String>,
}

fn value(world: &World, reaction: &Reaction) -> Value {
    json!({
        "id": reaction.id,
        "node_id": objects::node_id("Reaction", reaction.id),
        "user": objects::user(world, &reaction.author),
        "content": reaction.content,
        "created_at": time(reaction.created_ms),
    })
}

fn comment<'w>(world: &'w mut World, call: &Call) -> Result<&'w mut Vec<Reaction>, Refusal> {
    let id = call.number("comment_id")?;
    let repo = world.repo_mut(&call.repo()?)?;
    let comment = repo.comments.get_mut(&id).ok_or_else(Refusal::not_found)?;
    Ok(&mut comment.reactions)
}

fn review_comment<'w>(world: &'w mut World, call: &Call) -> Result<&'w mut Vec<Reaction>, Refusal> {
    let id = call.number("comment_id")?;
    let repo = world.repo_mut(&call.repo()?)?;
    let comment = repo
        .review_comments
        .get_mut(&id)
        .ok_or_else(Refusal::not_found)?;
    Ok(&mut comment.reactions)
}

fn listed(world: &mut World, call: &Call, reactions: Vec<Reaction>) -> Answer {
    let items = reactions.iter().map(|one| value(world, one)).collect();
    Answer::page(call, items)
}

/// Reacts to a review, which the first API cannot.
pub(super) fn to_review(world: &mut World, name: &RepoName, review: u64, content: &str) {
    let reaction = Reaction {
        author: world.bot().login,
        content: content.to_owned(),
        id: world.next_id(),
        created_ms: world.now_ms(),
    };
    let repo = world.repo_mut(name).ok();
    let Some(review) = repo.and_then(|repo| repo.reviews.get_mut(&review)) else {
        return;
    };
    let is_same = |one: &Reaction| one.author == reaction.author && one.content == reaction.content;
    if !review.reactions.iter().any(is_same) {
        review.reactions.push(reaction);
    }
}

fn given(
    world: &mut World,
    call: &Call,
    place: for<'w> fn(&'w mut World, &Call) -> Result<&'w mut Vec<Reaction>, Refusal>,
) -> Outcome {
    let content = call
        .read::<Body>()?
        .content
        .filter(|content| CONTENTS.contains(&content.as_str()))
        .ok_or_else(|| Refusal::field("Reaction", "content", "invalid", None))?;
    let author = world.bot().login;
    let there = place(world, call)?
        .iter()
        .find(|one| one.author == author && one.content == content)
        .cloned();
    if let Some(there) = there {
        return Ok(Answer::ok(value(world, &there)));
    }
    let reaction = Reaction {
        author,
        content,
        id: world.next_id(),
        created_ms: world.now_ms(),
    };
    place(world, call)?.push(reaction.clone());
    Ok(Answer::created(value(world, &reaction)))
}

pub(super) fn on_comment(world: &mut World, call: &Call) -> Outcome {
    given(world, call, comment)
}
pub(super) fn on_review_comment(world: &mut World, call: &Call) -> Outcome {
    given(world, call, review_comment)
}
pub(super) fn list_on_comment(world: &mut World, call: &Call) -> Outcome {
    let reactions = comment(world, call)?.clone();
    Ok(listed(world, call, reactions))
}
pub(super) fn list_on_review_comment(world: &mut World, call: &Call) -> Outcome {
    let reactions = review_comment(world, call)?.clone();
    Ok(listed(world, call, reactions))
}
