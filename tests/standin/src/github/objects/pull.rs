//! Pull requests and commits as GitHub writes them.

use serde_json::{Value, json};

use super::super::error::StandInError;
use super::super::pulls::{Pull, Standing, diff_at};
use super::super::repos::oid;
use super::super::world::{Repo, World, time};
use super::{node_id, repo as repo_value, user};
use crate::names::{RepoName, Sha};

/// A commit.
pub(in super::super) fn commit(
    world: &World,
    repo: &Repo,
    sha: &Sha,
) -> Result<Value, git2::Error> {
    let git = repo.git()?;
    let commit = git.find_commit(oid(sha)?)?;
    let api = format!("{}/repos/{}", world.api, repo.name);
    let page = format!("{}/{}/commit", world.server, repo.name);
    let person = |who: &git2::Signature<'_>| {
        json!({
            "name": String::from_utf8_lossy(who.name_bytes()),
            "email": String::from_utf8_lossy(who.email_bytes()),
            "date": time(who.when().seconds() * 1000),
        })
    };
    let parents: Vec<Value> = commit
        .parent_ids()
        .map(|id| json!({ "sha": id.to_string(), "url": format!("{api}/commits/{id}"), "html_url": format!("{page}/{id}") }))
        .collect();
    let author = String::from_utf8_lossy(commit.author().name_bytes()).into_owned();
    Ok(json!({
        "sha": sha,
        "node_id": node_id("Commit", repo.id),
        "commit": {
            "author": person(&commit.author()),
            "committer": person(&commit.committer()),
            "message": String::from_utf8_lossy(commit.message_bytes()).trim_end(),
            "tree": { "sha": commit.tree_id().to_string(), "url": format!("{api}/git/trees/{}", commit.tree_id()) },
            "url": format!("{api}/git/commits/{sha}"),
            "comment_count": 0,
            "verification": { "verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null },
        },
        "url": format!("{api}/commits/{sha}"),
        "html_url": format!("{page}/{sha}"),
        "comments_url": format!("{api}/commits/{sha}/comments"),
        "author": user_or_null(world, &author),
        "committer": user_or_null(world, &author),
        "parents": parents,
    }))
}

/// As it is in lists.
pub(in super::super) fn simple(
    world: &World,
    repo: &Repo,
    pull: &Pull,
) -> Result<Value, StandInError> {
    let api = format!("{}/repos/{}", world.api, repo.name);
    let url = format!("{api}/pulls/{}", pull.number);
    let issue = format!("{api}/issues/{}", pull.number);
    let page = format!("{}/{}/pull/{}", world.server, repo.name, pull.number);
    let statuses = format!("{api}/statuses/{}", pull.head);
    let side = |name: &RepoName, branch: &str, sha: &Sha| {
        json!({
            "label": format!("{}:{branch}", name.owner()),
            "ref": branch,
            "sha": sha,
            "user": user(world, name.owner()),
            // A deleted fork leaves its pull requests behind, without a repository.
            "repo": repo_value(world, name).ok(),
        })
    };
    let link = |href: &str| json!({ "href": href });
    let closed = (!pull.is_open()).then(|| time(pull.updated_ms));
    Ok(json!({
        "url": url,
        "id": pull.id,
        "node_id": node_id("PullRequest", pull.id),
        "html_url": page,
        "diff_url": format!("{page}.diff"),
        "patch_url": format!("{page}.patch"),
        "issue_url": issue,
        "number": pull.number,
        "state": if pull.is_open() { "open" } else { "closed" },
        "locked": false,
        "title": pull.title,
        "user": user(world, &pull.author),
        "body": null,
        "created_at": time(pull.created_ms),
        "updated_at": time(pull.updated_ms),
        "closed_at": closed,
        "merged_at": null,
        "merge_commit_sha": null,
        "assignee": null,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": [],
        "milestone": null,
        "draft": pull.standing == Standing::Draft,
        "commits_url": format!("{url}/commits"),
        "review_comments_url": format!("{url}/comments"),
        "review_comment_url": format!("{api}/pulls/comments{{/number}}"),
        "comments_url": format!("{issue}/comments"),
        "statuses_url": statuses,
        "head": side(&pull.head_repo, &pull.head_branch, &pull.head),
        "base": side(&repo.name, &pull.base_branch, &pull.base),
        "_links": {
            "self": link(&url),
            "html": link(&page),
            "issue": link(&issue),
            "comments": link(&format!("{issue}/comments")),
            "review_comments": link(&format!("{url}/comments")),
            "review_comment": link(&format!("{api}/pulls/comments{{/number}}")),
            "commits": link(&format!("{url}/commits")),
            "statuses": link(&statuses),
        },
        // What GitHub says of private members of an organisation too: this field tells nobody's rights.
        "author_association": if pull.author == repo.name.owner() { "OWNER" } else { "NONE" },
        "auto_merge": null,
        "active_lock_reason": null,
    }))
}

/// As it is alone and in webhooks.
pub(in super::super) fn full(
    world: &World,
    repo: &Repo,
    pull: &Pull,
) -> Result<Value, StandInError> {
    let files = diff_at(repo, pull, &pull.head)?;
    let commits = repo.commits_between(&pull.base, &pull.head)?;
    let mut value = simple(world, repo, pull)?;
    let comments = repo
        .comments
        .values()
        .filter(|one| one.issue == pull.number)
        .count();
    let inline = repo
        .review_comments
        .values()
        .filter(|one| one.pull == pull.number)
        .count();
    let more = json!({
        "merged": false,
        // GitHub works it out in the background and does not know it when asked at once.
        "mergeable": null,
        "rebaseable": null,
        "mergeable_state": "unknown",
        "merged_by": null,
        "comments": comments,
        "review_comments": inline,
        "maintainer_can_modify": false,
        "commits": commits.len(),
        "additions": files.iter().map(|file| file.additions).sum::<usize>(),
        "deletions": files.iter().map(|file| file.deletions).sum::<usize>(),
        "changed_files": files.len(),
    });
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    Ok(value)
}

/// Commits are by whoever they say; where that is nobody of this GitHub, there is no account to show.
fn user_or_null(world: &World, login: &str) -> Value {
    if world.users.contains_key(login) {
        user(world, login)
    } else {
        Value::Null
    }
}
