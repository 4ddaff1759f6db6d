//! Check runs and the suites that they are in.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::check_body::{Annotation, CheckAction, CheckBody};
use super::error::StandInError;
use super::objects::check::{event_value, suite_value, value};
use super::pulls;
use super::routes::Call;
use super::world::{Repo, World, time};
use crate::names::{RepoName, Sha};

/// All checks of the App for one commit.
#[derive(Debug, Clone)]
pub(super) struct CheckSuite {
    pub id: u64,
    pub head: Sha,
    pub branch: Option<String>,
    pub before: Option<Sha>,
    /// Somebody pressed *Re-run*: queued again, until a check run moves.
    pub rerequested: bool,
    pub created_ms: i64,
}

/// A check run.
#[derive(Debug, Clone)]
pub struct CheckRun {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// The commit that it is for.
    pub head: Sha,
    /// The App's own name for it.
    pub external_id: Option<String>,
    /// `queued`, `in_progress` or `completed`.
    pub status: String,
    /// With `completed` only.
    pub conclusion: Option<String>,
    /// The page of the App about it.
    pub details_url: Option<String>,
    /// The output's title.
    pub title: Option<String>,
    /// The output's summary.
    pub summary: Option<String>,
    /// The output's text.
    pub text: Option<String>,
    /// All that were ever sent; updates append.
    pub annotations: Vec<Annotation>,
    /// The buttons.
    pub actions: Vec<CheckAction>,
    /// When it began, as the App said.
    pub started_at: Option<String>,
    /// When it ended, as the App said.
    pub completed_at: Option<String>,
    pub(super) suite: u64,
}

pub(super) fn create(world: &mut World, call: &Call) -> Outcome {
    let name = call.repo()?;
    let body: CheckBody = call.read()?;
    body.check()?;
    let missing = |key: &str| Refusal::invalid(&format!("\"{key}\" wasn't supplied."));
    let title = body.name.clone().ok_or_else(|| missing("name"))?;
    let head = body.head_sha.clone().ok_or_else(|| missing("head_sha"))?;
    let repo = world.repo(&name)?;
    let head = match head.parse::<Sha>() {
        Ok(sha) => repo
            .resolve(sha.as_str())?
            .ok_or_else(|| pulls::no_commit(&head))?,
        Err(_) => return Err(pulls::no_commit(&head)),
    };
    let suite = world.suite_for(&name, &head, None, None)?;
    let mut run = CheckRun {
        id: world.next_id(),
        name: title,
        head,
        external_id: None,
        status: "queued".to_owned(),
        conclusion: None,
        details_url: None,
        title: None,
        summary: None,
        text: None,
        annotations: Vec::new(),
        actions: Vec::new(),
        started_at: Some(time(world.now_ms())),
        completed_at: None,
        suite,
    };
    body.apply(&mut run, world.now_ms());
    let answer = put(world, &name, run, "created")?;
    Ok(Answer::created(answer))
}

pub(super) fn update(world: &mut World, call: &Call) -> Outcome {
    let name = call.repo()?;
    let mut run = found(world, call)?.1.clone();
    let body: CheckBody = call.read()?;
    body.check()?;
    let was_completed = run.status == "completed";
    body.apply(&mut run, world.now_ms());
    let action = if run.status == "completed" && !was_completed {
        "completed"
    } else {
        ""
    };
    Ok(Answer::ok(put(world, &name, run, action)?))
}

/// Stores the run and tells the App of `action`, and of `completed` when it was made complete.
fn put(world: &mut World, name: &RepoName, run: CheckRun, action: &str) -> Result<Value, Refusal> {
    let (id, completed) = (run.id, run.status == "completed");
    let repo = world.repo_mut(name)?;
    if let Some(suite) = repo.suites.get_mut(&run.suite) {
        suite.rerequested = false;
    }
    repo.check_runs.insert(id, run);
    let repo = world.repo(name)?;
    let answer = value(world, repo, &repo.check_runs[&id]);
    let bot = world.app.bot_login();
    let parts = json!({ "check_run": event_value(world, repo, &repo.check_runs[&id]) });
    if !action.is_empty() {
        world.announce("check_run", Some(action), Some(name), &bot, parts.clone());
    }
    if action == "created" && completed {
        world.announce("check_run", Some("completed"), Some(name), &bot, parts);
    }
    Ok(answer)
}

fn found<'w>(world: &'w World, call: &Call) -> Result<(&'w Repo, &'w CheckRun), Refusal> {
    let repo = world.repo(&call.repo()?)?;
    let run = repo
        .check_runs
        .get(&call.number("check_run_id")?)
        .ok_or_else(Refusal::not_found)?;
    Ok((repo, run))
}

pub(super) fn get(world: &mut World, call: &Call) -> Outcome {
    let (repo, run) = found(world, call)?;
    Ok(Answer::ok(value(world, repo, run)))
}

pub(super) fn annotations(world: &mut World, call: &Call) -> Outcome {
    let (repo, run) = found(world, call)?;
    let page = format!("{}/{}/blob/{}", world.server, repo.name, run.head);
    let items = run
        .annotations
        .iter()
        .map(|one| {
            let mut item = json!(one);
            item["blob_href"] = json!(format!("{page}/{}", one.path));
            item
        })
        .collect();
    Ok(Answer::page(call, items))
}

pub(super) fn list_for_ref(world: &mut World, call: &Call) -> Outcome {
    let repo = world.repo(&call.repo()?)?;
    let sha = repo
        .resolve(call.piece("ref"))?
        .ok_or_else(|| pulls::no_commit(call.piece("ref")))?;
    let runs = repo
        .check_runs
        .values()
        .filter(|run| run.head == sha)
        .collect();
    Ok(listed(world, repo, call, runs))
}

pub(super) fn list_for_suite(world: &mut World, call: &Call) -> Outcome {
    let id = call.number("check_suite_id")?;
    let repo = world.repo(&call.repo()?)?;
    let runs = repo
        .check_runs
        .values()
        .filter(|run| run.suite == id)
        .collect();
    Ok(listed(world, repo, call, runs))
}

/// Newest first. Without `filter=all` only the newest of each name: whoever looks for an older one by its
/// `external_id` does not find it.
fn listed(world: &World, repo: &Repo, call: &Call, mut runs: Vec<&CheckRun>) -> Answer {
    runs.reverse();
    if let Some(name) = call.query_text("check_name") {
        runs.retain(|run| run.name == name);
    }
    if let Some(status) = call.query_text("status") {
        runs.retain(|run| run.status == status);
    }
    if let Some(app) = call.query_text("app_id") {
        runs.retain(|_| app == world.app.id.to_string());
    }
    if call.query_text("filter") != Some("all") {
        let mut seen = Vec::new();
        runs.retain(|run| {
            let first = !seen.contains(&run.name);
            seen.push(run.name.clone());
            first
        });
    }
    let items = runs.iter().map(|run| value(world, repo, run)).collect();
    Answer::counted_page(call, "check_runs", items)
}

pub(super) fn suites_for_ref(world: &mut World, call: &Call) -> Outcome {
    let repo = world.repo(&call.repo()?)?;
    let sha = repo
        .resolve(call.piece("ref"))?
        .ok_or_else(|| pulls::no_commit(call.piece("ref")))?;
    let mut items = Vec::new();
    for suite in repo.suites.values().filter(|suite| suite.head == sha) {
        items.push(suite_value(world, repo, suite)?);
    }
    Ok(Answer::counted_page(call, "check_suites", items))
}

pub(super) fn suite(world: &mut World, call: &Call) -> Outcome {
    let repo = world.repo(&call.repo()?)?;
    let suite = repo
        .suites
        .get(&call.number("check_suite_id")?)
        .ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(suite_value(world, repo, suite)?))
}

impl World {
    /// The App's suite for a commit; made, and told to the App, on the first push of it.
    pub fn suite_for(
        &mut self,
        name: &RepoName,
        head: &Sha,
        branch: Option<&str>,
        before: Option<&Sha>,
    ) -> Result<u64, StandInError> {
        let there = self
            .repo(name)?
            .suites
            .values()
            .find(|suite| suite.head == *head);
        if let Some(suite) = there {
            return Ok(suite.id);
        }
        let suite = CheckSuite {
            id: self.next_id(),
            head: head.clone(),
            branch: branch.map(str::to_owned),
            before: before.cloned(),
            rerequested: false,
            created_ms: self.now_ms(),
        };
        let id = suite.id;
        self.repo_mut(name)?.suites.insert(id, suite);
        Ok(id)
    }

    /// Tells the App what somebody did to a suite.
    pub fn announce_suite(
        &mut self,
        name: &RepoName,
        id: u64,
        action: &str,
        sender: &str,
    ) -> Result<(), StandInError> {
        let repo = self.repo(name)?;
        let suite = repo
            .suites
            .get(&id)
            .ok_or_else(|| repo.nothing("check suite", id))?;
        let parts = json!({ "check_suite": suite_value(self, repo, suite)? });
        self.announce("check_suite", Some(action), Some(name), sender, parts);
        Ok(())
    }
}
