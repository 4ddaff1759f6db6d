//! Check runs and suites as GitHub writes them.

use serde_json::{Value, json};

use super::super::checks::{CheckRun, CheckSuite};
use super::super::error::StandInError;
use super::super::world::{Repo, World, time};
use super::{app, node_id, repo as repo_value};
use crate::names::Sha;

/// The pull requests of this repository's own branches that are at this commit. Those of forks are never among them.
fn pull_requests(world: &World, repo: &Repo, head: &Sha) -> Vec<Value> {
    let api = format!("{}/repos/{}", world.api, repo.name);
    let short = json!({ "id": repo.id, "url": api, "name": repo.name.name() });
    repo.pulls
        .values()
        .filter(|pull| pull.is_open() && pull.head == *head && pull.head_repo == repo.name)
        .map(|pull| {
            json!({
                "id": pull.id,
                "number": pull.number,
                "url": format!("{api}/pulls/{}", pull.number),
                "head": { "ref": pull.head_branch, "sha": pull.head, "repo": short },
                "base": { "ref": pull.base_branch, "sha": pull.base, "repo": short },
            })
        })
        .collect()
}

/// A check run as GitHub writes it.
pub(in super::super) fn value(world: &World, repo: &Repo, run: &CheckRun) -> Value {
    let url = format!("{}/repos/{}/check-runs/{}", world.api, repo.name, run.id);
    let page = format!("{}/{}/runs/{}", world.server, repo.name, run.id);
    json!({
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CheckRun", run.id),
        "head_sha": run.head,
        "external_id": run.external_id.as_deref().unwrap_or_default(),
        "url": url,
        "html_url": page,
        "details_url": run.details_url.as_deref().unwrap_or(&page),
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": run.annotations.len(),
            "annotations_url": format!("{url}/annotations"),
        },
        "check_suite": { "id": run.suite },
        "app": app(world),
        "pull_requests": pull_requests(world, repo, &run.head),
    })
}

/// In events the suite comes whole.
pub(in super::super) fn event_value(world: &World, repo: &Repo, run: &CheckRun) -> Value {
    let mut value = value(world, repo, run);
    if let Some(Ok(suite)) = repo
        .suites
        .get(&run.suite)
        .map(|suite| suite_value(world, repo, suite))
    {
        value["check_suite"] = suite;
    }
    value
}

/// A check suite. Its state is that of its runs.
pub(in super::super) fn suite_value(
    world: &World,
    repo: &Repo,
    suite: &CheckSuite,
) -> Result<Value, StandInError> {
    let runs: Vec<&CheckRun> = repo
        .check_runs
        .values()
        .filter(|run| run.suite == suite.id)
        .collect();
    let (status, conclusion) = if suite.rerequested || runs.is_empty() {
        ("queued", None)
    } else if runs.iter().any(|run| run.status != "completed") {
        ("in_progress", None)
    } else {
        let bad = runs
            .iter()
            .find(|run| run.conclusion.as_deref() != Some("success"));
        (
            "completed",
            bad.or(runs.first()).and_then(|run| run.conclusion.clone()),
        )
    };
    let url = format!(
        "{}/repos/{}/check-suites/{}",
        world.api, repo.name, suite.id
    );
    let commit = super::pull::commit(world, repo, &suite.head)?;
    let person = |key: &str| {
        let who = &commit["commit"][key];
        json!({ "name": who["name"], "email": who["email"] })
    };
    Ok(json!({
        "id": suite.id,
        "node_id": node_id("CheckSuite", suite.id),
        "head_branch": suite.branch,
        "head_sha": suite.head,
        "status": status,
        "conclusion": conclusion,
        "url": url,
        "before": suite.before,
        "after": suite.head,
        "pull_requests": pull_requests(world, repo, &suite.head),
        "app": app(world),
        "repository": repo_value(world, &repo.name)?,
        "created_at": time(suite.created_ms),
        "updated_at": time(suite.created_ms),
        "rerequestable": true,
        "runs_rerequestable": true,
        "latest_check_runs_count": runs.len(),
        "check_runs_url": format!("{url}/check-runs"),
        "head_commit": {
            "id": suite.head,
            "tree_id": commit["commit"]["tree"]["sha"],
            "message": commit["commit"]["message"],
            "timestamp": commit["commit"]["author"]["date"],
            "author": person("author"),
            "committer": person("committer"),
        },
    }))
}
