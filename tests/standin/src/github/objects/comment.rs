//! Comments as GitHub writes them.

use serde_json::{Value, json};

use super::super::comments::Comment;
use super::super::error::StandInError;
use super::super::pulls::Standing;
use super::super::world::{Repo, World, time};
use super::{app, node_id, reactions, user};

/// What `issue_comment` events carry. Note that there is no head commit in them.
pub(in super::super) fn parts(
    world: &World,
    repo: &Repo,
    comment: &Comment,
) -> Result<Value, StandInError> {
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
        "node_id": node_id("PullRequest", pull.id),
        "number": pull.number,
        "title": pull.title,
        "user": user(world, &pull.author),
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
        "draft": pull.standing == Standing::Draft,
        "pull_request": {
            "url": format!("{api}/pulls/{}", pull.number),
            "html_url": page,
            "diff_url": format!("{page}.diff"),
            "patch_url": format!("{page}.patch"),
            "merged_at": null,
        },
        "body": null,
        "reactions": reactions(&url, &pull.reactions),
        "timeline_url": format!("{url}/timeline"),
        "performed_via_github_app": null,
        "state_reason": null,
    });
    Ok(json!({ "issue": issue, "comment": value(world, repo, comment) }))
}

/// A comment as GitHub writes it.
pub(in super::super) fn value(world: &World, repo: &Repo, comment: &Comment) -> Value {
    let api = format!("{}/repos/{}", world.api, repo.name);
    let url = format!("{api}/issues/comments/{}", comment.id);
    let by_app = comment.author == world.app.bot_login();
    json!({
        "id": comment.id,
        "node_id": node_id("IssueComment", comment.id),
        "url": url,
        "html_url": format!("{}/{}/pull/{}#issuecomment-{}", world.server, repo.name, comment.issue, comment.id),
        "issue_url": format!("{api}/issues/{}", comment.issue),
        "user": user(world, &comment.author),
        "created_at": time(comment.created_ms),
        "updated_at": time(comment.updated_ms),
        "author_association": if comment.author == repo.name.owner() { "OWNER" } else { "NONE" },
        "body": comment.body,
        "reactions": reactions(&url, &comment.reactions),
        "performed_via_github_app": by_app.then(|| app(world)),
    })
}
