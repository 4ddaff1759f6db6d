//! Reviews and their comments as GitHub writes them.

use serde_json::{Value, json};

use super::super::reviews::{Review, ReviewComment, ReviewState};
use super::super::world::{Repo, World, time};
use super::{node_id, reactions, user};

/// A review.
pub(in super::super) fn value(world: &World, repo: &Repo, review: &Review) -> Value {
    let pull = format!("{}/repos/{}/pulls/{}", world.api, repo.name, review.pull);
    let page = format!(
        "{}/{}/pull/{}#pullrequestreview-{}",
        world.server, repo.name, review.pull, review.id
    );
    let state = match review.state {
        ReviewState::Pending => "PENDING",
        ReviewState::Commented => "COMMENTED",
        ReviewState::Approved => "APPROVED",
        ReviewState::ChangesRequested => "CHANGES_REQUESTED",
    };
    let mut value = json!({
        "id": review.id,
        "node_id": node_id("PullRequestReview", review.id),
        "user": user(world, &review.author),
        "body": review.body,
        "state": state,
        "html_url": page,
        "pull_request_url": pull,
        "author_association": "NONE",
        "_links": { "html": { "href": page }, "pull_request": { "href": pull } },
        "commit_id": review.commit,
    });
    if review.state != ReviewState::Pending {
        value["submitted_at"] = json!(time(review.submitted_ms));
    }
    value
}

/// A comment at a place in the diff.
pub(in super::super) fn comment_value(
    world: &World,
    repo: &Repo,
    comment: &ReviewComment,
) -> Value {
    let api = format!("{}/repos/{}/pulls", world.api, repo.name);
    let url = format!("{api}/comments/{}", comment.id);
    let pull = format!("{api}/{}", comment.pull);
    let page = format!(
        "{}/{}/pull/{}#discussion_r{}",
        world.server, repo.name, comment.pull, comment.id
    );
    let stands = repo.stands(comment);
    let head = repo.pulls.get(&comment.pull).map(|pull| &pull.head);
    // Believed: a comment is counted to the newest commit in whose diff it stands.
    let commit = head.filter(|_| stands.is_some()).unwrap_or(&comment.commit);
    let mut value = json!({
        "id": comment.id,
        "node_id": node_id("PullRequestReviewComment", comment.id),
        "url": url,
        "pull_request_review_id": comment.review,
        "diff_hunk": comment.hunk,
        "path": comment.path,
        "commit_id": commit,
        "original_commit_id": comment.commit,
        "user": user(world, &comment.author),
        "body": comment.body,
        "created_at": time(comment.created_ms),
        "updated_at": time(comment.updated_ms),
        "html_url": page,
        "pull_request_url": pull,
        "author_association": "NONE",
        "_links": { "self": { "href": url }, "html": { "href": page }, "pull_request": { "href": pull } },
        "reactions": reactions(&url, &comment.reactions),
        "subject_type": if comment.line.is_some() { "line" } else { "file" },
        "position": stands.map_or(comment.position.is_none().then_some(1), |(_, position)| Some(position)),
        "original_position": comment.position.unwrap_or(1),
    });
    if let Some((side, line)) = comment.line {
        let start_line = comment.start.map(|(_, line)| line);
        let start_side = comment.start.map(|(side, _)| side);
        // Null is what an outdated comment has, though GitHub's description has numbers only.
        value["line"] = json!(stands.map(|((_, line), _)| line));
        value["original_line"] = json!(line);
        value["side"] = json!(side);
        let moved = |start: u32| stands.and_then(|((_, now), _)| (now + start).checked_sub(line));
        value["start_line"] = json!(start_line.and_then(moved));
        value["original_start_line"] = json!(start_line);
        value["start_side"] = json!(start_side);
    }
    if let Some(first) = comment.in_reply_to {
        value["in_reply_to_id"] = json!(first);
    }
    value
}

/// The same as events have it, with every field. What stands in those of a comment on a whole file is believed.
pub(in super::super) fn told_comment(world: &World, repo: &Repo, comment: &ReviewComment) -> Value {
    let mut value = comment_value(world, repo, comment);
    if comment.line.is_none() {
        for (field, of_file) in [
            ("line", json!(1)),
            ("original_line", json!(1)),
            ("side", json!("RIGHT")),
            ("start_line", Value::Null),
            ("original_start_line", Value::Null),
            ("start_side", Value::Null),
        ] {
            value[field] = of_file;
        }
    }
    value
}
