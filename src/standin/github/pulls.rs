//! Pull requests: what they are, their files and commits, and the refs next to them.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::diff::{self, FileDiff};
use super::error::StandInError;
use super::objects;
use super::repos::oid;
use super::routes::Call;
use super::world::{Repo, World, time};
use crate::domain::name::{RepoName, Sha};

/// Files of one pull request that are listed, as GitHub's docs have it.
const FILES: usize = 3000;

/// How a pull request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Open and a draft.
    Draft,
    /// Open and ready for review.
    Ready,
    /// Closed, not merged.
    Closed,
}

/// A pull request.
#[derive(Debug, Clone)]
pub struct Pull {
    /// Counts from 1 in its repository.
    pub number: u64,
    /// Its first line.
    pub title: String,
    /// Who opened it.
    pub author: String,
    /// How it stands.
    pub standing: Standing,
    /// Where its branch is; the repository may be gone.
    pub head_repo: RepoName,
    /// Its branch.
    pub head_branch: String,
    /// Its newest commit.
    pub head: Sha,
    /// The branch that it wants to go into.
    pub base_branch: String,
    /// That branch's newest commit when the pull request was last pushed to.
    pub base: Sha,
    pub(super) id: u64,
    pub(super) issue_id: u64,
    pub(super) created_ms: i64,
    pub(super) updated_ms: i64,
    pub(super) reactions: Vec<super::reactions::Reaction>,
}

impl Pull {
    /// Whether it is open, draft or not.
    pub fn is_open(&self) -> bool {
        self.standing != Standing::Closed
    }
}

/// Its diff against the base, as of `commit`.
pub(super) fn diff_at(
    repo: &Repo,
    pull: &Pull,
    commit: &Sha,
) -> Result<Vec<FileDiff>, git2::Error> {
    diff::three_dot(&repo.git()?, &pull.base, commit)
}

/// The pull request of the path.
pub(super) fn of<'w>(
    world: &'w World,
    call: &Call,
    piece: &str,
) -> Result<(&'w Repo, &'w Pull), Refusal> {
    let repo = world.repo(&call.repo()?)?;
    let pull = repo
        .pulls
        .get(&call.number(piece)?)
        .ok_or_else(Refusal::not_found)?;
    Ok((repo, pull))
}

pub(super) fn list(world: &mut World, call: &Call) -> Outcome {
    let repo = world.repo(&call.repo()?)?;
    let state = call.query_text("state").unwrap_or("open");
    let mut items = Vec::new();
    for pull in repo.pulls.values().rev() {
        let wanted = match state {
            "all" => true,
            "closed" => !pull.is_open(),
            _ => pull.is_open(),
        };
        let label = format!("{}:{}", pull.head_repo.owner(), pull.head_branch);
        let head_fits = call.query_text("head").is_none_or(|head| head == label);
        let base_fits = call
            .query_text("base")
            .is_none_or(|base| base == pull.base_branch);
        if wanted && head_fits && base_fits {
            items.push(simple(world, repo, pull)?);
        }
    }
    Ok(Answer::page(call, items))
}

pub(super) fn get(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = of(world, call, "pull_number")?;
    Ok(Answer::ok(full(world, repo, pull)?))
}

pub(super) fn of_commit(world: &mut World, call: &Call) -> Outcome {
    let repo = world.repo(&call.repo()?)?;
    let Some(sha) = repo.resolve(call.piece("ref"))? else {
        return Err(no_commit(call.piece("ref")));
    };
    let mut items = Vec::new();
    for pull in repo.pulls.values() {
        if pull.head == sha || repo.commits_between(&pull.base, &pull.head)?.contains(&sha) {
            items.push(simple(world, repo, pull)?);
        }
    }
    Ok(Answer::page(call, items))
}

pub(super) fn files(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = of(world, call, "pull_number")?;
    let api = format!("{}/repos/{}", world.api, repo.name);
    let page = format!("{}/{}", world.server, repo.name);
    let items = diff_at(repo, pull, &pull.head)?
        .iter()
        .take(FILES)
        .map(|file| {
            let path = &file.path;
            let mut item = json!({
                "sha": file.blob,
                "filename": path,
                "status": file.status,
                "additions": file.additions,
                "deletions": file.deletions,
                "changes": file.additions + file.deletions,
                "blob_url": format!("{page}/blob/{}/{path}", pull.head),
                "raw_url": format!("{page}/raw/{}/{path}", pull.head),
                "contents_url": format!("{api}/contents/{path}?ref={}", pull.head),
            });
            if let Some(patch) = file.patch() {
                item["patch"] = json!(patch);
            }
            if let Some(previous) = &file.previous {
                item["previous_filename"] = json!(previous);
            }
            item
        })
        .collect();
    Ok(Answer::page(call, items))
}

pub(super) fn commits(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = of(world, call, "pull_number")?;
    let mut items = Vec::new();
    // GitHub lists no more than 250.
    for sha in repo
        .commits_between(&pull.base, &pull.head)?
        .iter()
        .take(250)
    {
        items.push(commit_value(world, repo, sha)?);
    }
    Ok(Answer::page(call, items))
}

pub(super) fn commit(world: &mut World, call: &Call) -> Outcome {
    let repo = world.repo(&call.repo()?)?;
    match repo.resolve(call.piece("ref"))? {
        Some(sha) => Ok(Answer::ok(commit_value(world, repo, &sha)?)),
        None => Err(no_commit(call.piece("ref"))),
    }
}

pub(super) fn git_ref(world: &mut World, call: &Call) -> Outcome {
    let repo = world.repo(&call.repo()?)?;
    let name = format!("refs/{}", call.piece("ref"));
    let git = repo.git()?;
    let target = git
        .find_reference(&name)
        .ok()
        .and_then(|reference| reference.target())
        .ok_or_else(Refusal::not_found)?;
    let api = format!("{}/repos/{}/git", world.api, repo.name);
    Ok(Answer::ok(json!({
        "ref": name,
        "node_id": objects::node_id("Ref", repo.id),
        "url": format!("{api}/{name}"),
        "object": { "type": "commit", "sha": target.to_string(), "url": format!("{api}/commits/{target}") },
    })))
}

pub(super) fn no_commit(name: &str) -> Refusal {
    Refusal::new(422, &format!("No commit found for SHA: {name}"))
}

pub(super) fn commit_value(world: &World, repo: &Repo, sha: &Sha) -> Result<Value, git2::Error> {
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
        "node_id": objects::node_id("Commit", repo.id),
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
        "author": objects::user(world, &author),
        "committer": objects::user(world, &author),
        "parents": parents,
    }))
}

/// As it is in lists.
fn simple(world: &World, repo: &Repo, pull: &Pull) -> Result<Value, StandInError> {
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
            "user": objects::user(world, name.owner()),
            // A deleted fork leaves its pull requests behind, without a repository.
            "repo": objects::repo(world, name).ok(),
        })
    };
    let link = |href: &str| json!({ "href": href });
    let closed = (!pull.is_open()).then(|| time(pull.updated_ms));
    Ok(json!({
        "url": url,
        "id": pull.id,
        "node_id": objects::node_id("PullRequest", pull.id),
        "html_url": page,
        "diff_url": format!("{page}.diff"),
        "patch_url": format!("{page}.patch"),
        "issue_url": issue,
        "number": pull.number,
        "state": if pull.is_open() { "open" } else { "closed" },
        "locked": false,
        "title": pull.title,
        "user": objects::user(world, &pull.author),
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
pub(super) fn full(world: &World, repo: &Repo, pull: &Pull) -> Result<Value, StandInError> {
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
