//! Pull requests: what they are, their files and commits, and the refs next to them.

use serde_json::json;

use super::answer::{Answer, Outcome, Refusal};
use super::diff::{self, FileDiff};
use super::objects;
use super::routes::Call;
use super::world::{Repo, World};
use crate::names::{RepoName, Sha};

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
            items.push(objects::pull::simple(world, repo, pull)?);
        }
    }
    Ok(Answer::page(call, items))
}

pub(super) fn get(world: &mut World, call: &Call) -> Outcome {
    let (repo, pull) = of(world, call, "pull_number")?;
    Ok(Answer::ok(objects::pull::full(world, repo, pull)?))
}

pub(super) fn of_commit(world: &mut World, call: &Call) -> Outcome {
    let repo = world.repo(&call.repo()?)?;
    let Some(sha) = repo.resolve(call.piece("commit_sha"))? else {
        return Err(no_commit(call.piece("commit_sha")));
    };
    let mut items = Vec::new();
    for pull in repo.pulls.values() {
        if pull.head == sha || repo.commits_between(&pull.base, &pull.head)?.contains(&sha) {
            items.push(objects::pull::simple(world, repo, pull)?);
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
        items.push(objects::pull::commit(world, repo, sha)?);
    }
    Ok(Answer::page(call, items))
}

pub(super) fn commit(world: &mut World, call: &Call) -> Outcome {
    let repo = world.repo(&call.repo()?)?;
    match repo.resolve(call.piece("ref"))? {
        Some(sha) => Ok(Answer::ok(objects::pull::commit(world, repo, &sha)?)),
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
