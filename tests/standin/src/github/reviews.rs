//! Reviews and comments at lines of the diff, refused as GitHub refuses them: one bad anchor fails the whole review.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::comments::{checked_body, since};
use super::diff::Side;
use super::objects;
use super::objects::review::{comment_value, told_comment, value};
use super::pulls::{self, Pull};
use super::reactions::Reaction;
use super::review_body::{Draft, commit_of, drafted_comment};
use super::routes::Call;
use super::world::{Repo, World};
use crate::limits;
use crate::names::{RepoName, Sha};

/// What a review says as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// Not submitted; only its author sees it.
    Pending,
    /// Remarks.
    Commented,
    /// Consent.
    Approved,
    /// Refusal.
    ChangesRequested,
}

/// A review.
#[derive(Debug, Clone)]
pub struct Review {
    /// Its id.
    pub id: u64,
    /// The pull request that it is on.
    pub pull: u64,
    /// Who wrote it.
    pub author: String,
    /// Markdown; may be empty when there are comments.
    pub body: String,
    /// What it says as a whole.
    pub state: ReviewState,
    /// The commit that was looked at.
    pub commit: Sha,
    /// Whether it is hidden as outdated.
    pub is_minimized: bool,
    /// Who reacted to it, and how.
    pub reactions: Vec<Reaction>,
    pub(super) submitted_ms: i64,
}

/// A comment at a place in the diff.
#[derive(Debug, Clone)]
pub struct ReviewComment {
    /// Its id.
    pub id: u64,
    /// The pull request that it is on.
    pub pull: u64,
    /// The review that it came with; single comments get one of their own.
    pub review: u64,
    /// Who wrote it.
    pub author: String,
    /// Markdown.
    pub body: String,
    /// The file.
    pub path: String,
    /// The commit that was looked at.
    pub commit: Sha,
    /// Its last line; none when it is about the whole file.
    pub line: Option<(Side, u32)>,
    /// Its first line, when it spans several.
    pub start: Option<(Side, u32)>,
    /// Who reacted to it, and how.
    pub reactions: Vec<Reaction>,
    /// Whether the thread that it begins is resolved.
    pub is_resolved: bool,
    pub(super) in_reply_to: Option<u64>,
    pub(super) position: Option<usize>,
    /// The lines of the diff that it is shown below.
    pub hunk: String,
    pub(super) created_ms: i64,
    pub(super) updated_ms: i64,
}

#[derive(Deserialize)]
struct ReviewBody {
    commit_id: Option<String>,
    body: Option<String>,
    event: Option<String>,
    #[serde(default)]
    comments: Vec<Draft>,
}

pub(super) fn list(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = pulls::of(world, call, "pull_number")?;
    let items = repo
        .reviews
        .values()
        .filter(|review| review.pull == pull.number)
        .map(|review| value(world, repo, review))
        .collect();
    Ok(Answer::page(call, items))
}

fn found<'w>(world: &'w World, call: &Call) -> Result<(&'w Repo, &'w Review), Refusal> {
    let (repo, pull) = pulls::of(world, call, "pull_number")?;
    let review = repo
        .reviews
        .get(&call.number("review_id")?)
        .filter(|review| review.pull == pull.number)
        .ok_or_else(Refusal::not_found)?;
    Ok((repo, review))
}

pub(super) fn get(world: &mut World, call: &Call) -> Outcome {
    let (repo, review) = found(world, call)?;
    Ok(Answer::ok(value(world, repo, review)))
}

#[derive(Deserialize)]
struct NewBody {
    body: String,
}

/// Only its author may change what a review says.
pub(super) fn update(world: &mut World, call: &Call) -> Outcome {
    let (repo, review) = found(world, call)?;
    let (name, id) = (repo.name.clone(), review.id);
    let author = world.app.bot_login();
    if review.author != author {
        return Err(Refusal::new(403, "Resource not accessible by integration"));
    }
    let asked: NewBody = call.read()?;
    if asked.body.chars().count() > limits::BODY_CHARS {
        return Err(Refusal::unprocessable(
            "Body is too long (maximum is 65536 characters)",
        ));
    }
    if let Some(review) = world.repo_mut(&name)?.reviews.get_mut(&id) {
        review.body = asked.body;
    }
    let repo = world.repo(&name)?;
    Ok(Answer::ok(value(world, repo, &repo.reviews[&id])))
}

pub(super) fn comments_of(world: &mut World, call: &Call) -> Outcome {
    let (repo, review) = found(world, call)?;
    let items = repo
        .review_comments
        .values()
        .filter(|comment| comment.review == review.id)
        .map(|comment| comment_value(world, repo, comment))
        .collect();
    Ok(Answer::page(call, items))
}

pub(super) fn comments(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = pulls::of(world, call, "pull_number")?;
    // Nobody but its author sees a draft.
    let is_draft = |comment: &&ReviewComment| {
        let review = repo.reviews.get(&comment.review);
        review.is_some_and(|review| review.state == ReviewState::Pending)
    };
    let mut found: Vec<&ReviewComment> = repo
        .review_comments
        .values()
        .filter(|comment| comment.pull == pull.number && since(call, comment.updated_ms))
        .filter(|comment| !is_draft(comment))
        .collect();
    match call.query_text("sort") {
        Some("updated") => found.sort_by_key(|comment| (comment.updated_ms, comment.id)),
        None | Some(_) => found.sort_by_key(|comment| comment.id),
    }
    // Without `sort` the direction is not looked at.
    if call.query_text("sort").is_some() && call.query_text("direction") == Some("desc") {
        found.reverse();
    }
    let items = found
        .into_iter()
        .map(|comment| comment_value(world, repo, comment))
        .collect();
    Ok(Answer::page(call, items))
}

pub(super) fn create(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = pulls::of(world, call, "pull_number")?;
    let (name, number) = (repo.name.clone(), pull.number);
    let asked: ReviewBody = call.read()?;
    let author = world.app.bot_login();
    let state = match asked.event.as_deref() {
        None => ReviewState::Pending,
        Some("COMMENT") => ReviewState::Commented,
        Some("APPROVE") => ReviewState::Approved,
        Some("REQUEST_CHANGES") => ReviewState::ChangesRequested,
        Some(other) => {
            return Err(Refusal::invalid(&format!(
                "For 'properties/event', {other} is not a member of [\"APPROVE\", \"REQUEST_CHANGES\", \"COMMENT\"]."
            )));
        }
    };
    check_state(repo, pull, &author, state)?;
    let body = asked.body.unwrap_or_default();
    if body.chars().count() > limits::BODY_CHARS {
        return Err(Refusal::unprocessable(
            "Body is too long (maximum is 65536 characters)",
        ));
    }
    let needs_words = match state {
        ReviewState::Commented => asked.comments.is_empty(),
        ReviewState::ChangesRequested => true,
        ReviewState::Approved | ReviewState::Pending => false,
    };
    if needs_words && body.trim().is_empty() {
        return Err(Refusal::unprocessable("Body can't be blank"));
    }
    let commit = commit_of(repo, pull, asked.commit_id.as_deref())?;
    let files = pulls::diff_at(repo, pull, &commit)?;
    let mut drafted = Vec::new();
    for draft in asked.comments {
        if draft.subject_type.is_some() {
            return Err(Refusal::invalid("\"subject_type\" is not a permitted key."));
        }
        drafted.push(drafted_comment(&files, number, &author, &commit, draft)?);
    }
    let id = world.next_id();
    world.bot();
    let review = Review {
        id,
        pull: number,
        author,
        body,
        state,
        commit,
        is_minimized: false,
        reactions: Vec::new(),
        submitted_ms: world.now_ms(),
    };
    add(world, &name, review, drafted)?;
    let repo = world.repo(&name)?;
    Ok(Answer::ok(value(world, repo, &repo.reviews[&id])))
}

/// Nobody consents to his own work, and nobody has two drafts.
fn check_state(repo: &Repo, pull: &Pull, author: &str, state: ReviewState) -> Result<(), Refusal> {
    let own = pull.author == author;
    match state {
        ReviewState::Approved if own => Err(Refusal::unprocessable(
            "Can not approve your own pull request",
        )),
        ReviewState::ChangesRequested if own => Err(Refusal::unprocessable(
            "Can not request changes on your own pull request",
        )),
        ReviewState::Pending => {
            let has_one = repo.reviews.values().any(|review| {
                review.pull == pull.number
                    && review.author == author
                    && review.state == ReviewState::Pending
            });
            if has_one {
                return Err(Refusal::unprocessable(
                    "User can only have one pending review per pull request",
                ));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// One comment without a review of the caller's making; it gets one of its own.
pub(super) fn comment(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = pulls::of(world, call, "pull_number")?;
    let (name, number) = (repo.name.clone(), pull.number);
    let asked: Draft = call.read()?;
    let author = world.app.bot_login();
    let drafted = if let Some(first) = asked.in_reply_to {
        let first = repo
            .review_comments
            .get(&first)
            .filter(|first| first.pull == number)
            .ok_or_else(Refusal::not_found)?;
        ReviewComment {
            author: author.clone(),
            body: checked_body("PullRequestReviewComment", asked.body)?,
            in_reply_to: Some(first.id),
            reactions: Vec::new(),
            is_resolved: false,
            ..first.clone()
        }
    } else {
        for (missing, name) in [
            (asked.commit_id.is_none(), "commit_id"),
            (asked.path.is_none(), "path"),
        ] {
            if missing {
                return Err(Refusal::invalid(&format!("\"{name}\" wasn't supplied.")));
            }
        }
        let commit = commit_of(repo, pull, asked.commit_id.as_deref())?;
        let files = pulls::diff_at(repo, pull, &commit)?;
        drafted_comment(&files, number, &author, &commit, asked)?
    };
    world.bot();
    let review = Review {
        id: world.next_id(),
        pull: number,
        author,
        body: String::new(),
        state: ReviewState::Commented,
        commit: drafted.commit.clone(),
        is_minimized: false,
        reactions: Vec::new(),
        submitted_ms: world.now_ms(),
    };
    add(world, &name, review, vec![drafted])?;
    let repo = world.repo(&name)?;
    let newest = repo.review_comments.values().next_back();
    newest
        .map(|comment| Answer::created(comment_value(world, repo, comment)))
        .ok_or_else(Refusal::not_found)
}

/// Adds the review with its comments and tells the App.
fn add(
    world: &mut World,
    name: &RepoName,
    review: Review,
    drafted: Vec<ReviewComment>,
) -> Result<(), Refusal> {
    let now = world.now_ms();
    let (review_id, number, author) = (review.id, review.pull, review.author.clone());
    let submitted = review.state != ReviewState::Pending;
    world.repo_mut(name)?.reviews.insert(review_id, review);
    let mut ids = Vec::new();
    for mut comment in drafted {
        comment.id = world.next_id();
        comment.review = review_id;
        comment.created_ms = now;
        comment.updated_ms = now;
        ids.push(comment.id);
        world
            .repo_mut(name)?
            .review_comments
            .insert(comment.id, comment);
    }
    if submitted {
        let repo = world.repo(name)?;
        let pull = objects::pull::full(world, repo, repo.pull(number)?)?;
        let parts = json!({ "review": value(world, repo, &repo.reviews[&review_id]), "pull_request": pull });
        let inline: Vec<Value> = ids
            .iter()
            .map(|id| json!({ "comment": told_comment(world, repo, &repo.review_comments[id]), "pull_request": pull }))
            .collect();
        world.announce(
            "pull_request_review",
            Some("submitted"),
            Some(name),
            &author,
            parts,
        );
        for parts in inline {
            world.announce(
                "pull_request_review_comment",
                Some("created"),
                Some(name),
                &author,
                parts,
            );
        }
    }
    Ok(())
}
