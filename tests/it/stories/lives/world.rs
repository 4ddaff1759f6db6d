//! One server and many pull requests, each in a repository of its own.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::edge::store::RunRow;
use countersign_standin::github::{Moment, Order, Role, Seen, Standing};
use countersign_standin::names::RepoName;
use fastrand::Rng;
use sqlx::Connection as _;

use super::end::{FUNCTION, complaints};
use super::life::{Call, Life, Step};
use crate::support::processes::server_of;
use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, pushed};

const KEY: &str = "google-calendar/create-event";
const BRANCH: &str = "add-event";

/// A life that goes on.
pub struct Living {
    pub repo: RepoName,
    pub number: u64,
    /// Commands that people wrote.
    pub asked: Vec<u64>,
    steps: std::vec::IntoIter<Step>,
}

/// When the server dies: by repository, how many writes there were, and what is left to come.
type Deaths = HashMap<String, (usize, Vec<(usize, Moment)>)>;

pub struct World {
    pub story: Story,
    deaths: Arc<Mutex<Deaths>>,
    has_died: Arc<AtomicBool>,
    /// The run in which the function was countersigned.
    first: RunRow,
    function: String,
}

impl World {
    /// In it the function was countersigned once, by the work of an agent.
    pub async fn begin() -> Self {
        let agent = honest(KEY, "action", Some(EVENT_INPUT));
        let story = Story::begin(vec![agent], &[]).await;
        story.push(BRANCH, &changes(&create_event()));
        let number = story.open(BRANCH);
        let view = story.views(number, 1).await.remove(0);
        let commit = pushed(&view);
        let function = story.file(&commit, FUNCTION).expect("the function");
        let first = story.runs(number).await.remove(0);
        let (deaths, has_died): (Arc<Mutex<Deaths>>, _) = Default::default();
        let world = Self {
            story,
            deaths,
            has_died,
            first,
            function,
        };
        world.arm();
        world
    }

    /// From now on the server dies at the writes that a life names, on GitHub's own thread, so that it cannot go on for a moment.
    fn arm(&self) {
        let (deaths, has_died) = (self.deaths.clone(), self.has_died.clone());
        let state = self.story.state().to_owned();
        self.story.github.on_request(move |seen, moment| {
            let mut deaths = deaths.lock().expect("a lock");
            let Some((writes, left)) = repository(seen).and_then(|name| deaths.get_mut(name))
            else {
                return;
            };
            if moment == Moment::Before {
                *writes += 1;
            }
            let before = left.len();
            left.retain(|death| *death != (*writes, moment));
            if left.len() < before
                && let Some(server) = server_of(&state)
            {
                server.kill();
                has_died.store(true, Ordering::SeqCst);
            }
        });
    }

    /// What a life without faults asks of GitHub.
    pub async fn calls(&mut self) -> Vec<Call> {
        let before = self.story.github.requests().len();
        self.live(&[Life::plain("plain")], &mut Rng::with_seed(0))
            .await;
        let asked = self.story.github.requests();
        let calls = asked[before..].iter();
        let mut calls: Vec<Call> = calls
            .filter_map(|seen| Call::of(seen, "acme/plain"))
            .collect();
        calls.sort();
        calls.dedup();
        calls
    }

    /// Lives side by side, to their end, which has to be a good one.
    pub async fn live(&mut self, lives: &[Life], rng: &mut Rng) {
        self.story.github.hold_deliveries();
        let mut all = Vec::new();
        for life in lives {
            all.push(self.open(life).await);
        }
        let orders = [Order::AsMade, Order::NewestFirst];
        let order = orders[rng.usize(0..orders.len())];
        self.story.github.release_deliveries(order);
        while all.iter().any(|one| one.steps.len() > 0) {
            let at = rng.usize(0..all.len());
            if let Some(step) = all[at].steps.next() {
                self.step(&mut all[at], step, rng);
                tokio::time::sleep(Duration::from_millis(rng.u64(20..200))).await;
            }
            self.revive().await;
        }
        loop {
            let story = &self.story;
            story
                .until("quiet", async |story| {
                    self.has_died.load(Ordering::SeqCst) || story.is_idle().await
                })
                .await;
            if !self.revive().await {
                break;
            }
        }
        let mut ends = Vec::new();
        for (life, living) in lives.iter().zip(&all) {
            for complaint in complaints(&self.story, living, &self.function).await {
                ends.push(format!("{complaint}\n    {life:?}"));
            }
        }
        assert!(
            ends.is_empty(),
            "{}\nthe server says:\n{}",
            ends.join("\n"),
            self.story.log_end()
        );
    }

    async fn open(&self, life: &Life) -> Living {
        let github = &self.story.github;
        let repo: RepoName = format!("acme/{}", life.name).parse().expect("a name");
        let first = [("README.md", Some("# A life\n"))];
        github.create_repo(&repo, &first).expect("a repository");
        let role = github.set_permission(&repo, "ada", Role::Write);
        role.expect("a role");
        let files = create_event();
        let commit = github.commit(&repo, BRANCH, None, &changes(&files), "ada");
        commit.expect("a commit");
        let head = (&repo, BRANCH);
        let number = github.open_pull((&repo, "main"), head, "ada", Standing::Ready);
        let number = number.expect("a pull request");
        self.remember(&repo, number).await;
        for (call, kind) in &life.faults {
            github.fail_next(&call.method, &call.path(repo.as_str()), *kind);
        }
        let deaths = (0, life.deaths.clone());
        let mut all = self.deaths.lock().expect("a lock");
        all.insert(life.name.clone(), deaths);
        Living {
            repo,
            number,
            asked: Vec::new(),
            steps: life.steps.clone().into_iter(),
        }
    }

    /// As if the run in which the function was countersigned had been one of this pull request, but had not come to its commit. In
    /// one transaction: nobody may find half a run and go on with it.
    async fn remember(&self, repo: &RepoName, number: u64) {
        let place = format!("{repo}#{number}");
        let run = format!("{:012x}", fastrand::u64(..1 << 48));
        let mut database = self.story.database().await;
        let mut all = database.begin().await.expect("a transaction");
        let signed = "INSERT INTO signed (place, interaction, fingerprint, dossier)
            SELECT $1, interaction, fingerprint, dossier FROM signed WHERE place = $2";
        let signed = sqlx::query(signed).bind(&place).bind(&self.first.place);
        let events = "INSERT INTO events (run, seq, at_ms, event)
            SELECT $1, seq, at_ms, REPLACE(event, $2, $3) FROM events
            WHERE run = $4 AND event NOT LIKE '{\"event\":\"settled\",%'";
        let events = sqlx::query(events)
            .bind(&run)
            .bind(format!("{:?}", self.story.repo.as_str()))
            .bind(format!("{:?}", repo.as_str()))
            .bind(self.first.run.as_str());
        let runs = "INSERT INTO runs (id, place, repo, pull, installation, head, requested_ms, ended_ms, latest_seq, done, told_seq)
            SELECT $1, $2, $3, pull, installation, head, requested_ms, ended_ms, latest_seq, 1, latest_seq FROM runs WHERE id = $4";
        let runs = sqlx::query(runs)
            .bind(&run)
            .bind(&place)
            .bind(repo.as_str())
            .bind(self.first.run.as_str());
        for query in [signed, events, runs] {
            let done = query.execute(&mut *all).await.expect("a copy");
            assert!(done.rows_affected() > 0, "there was nothing to copy");
        }
        all.commit().await.expect("a commit");
        database.close().await.expect("the database closes");
    }

    fn step(&self, living: &mut Living, step: Step, rng: &mut Rng) {
        let (github, repo, number) = (&self.story.github, &living.repo, living.number);
        let say = |words: &str| github.comment(repo, number, "ada", words);
        match step {
            Step::Ask(command) => living.asked.push(say(command).expect("a comment")),
            Step::Chat => drop(say("Nice.").expect("a comment")),
            Step::Push => {
                let path = format!("notes/{:x}.md", rng.u64(..));
                let files = [(path.as_str(), Some("Ours.\n"))];
                let commit = github.commit(repo, BRANCH, None, &files, "ada");
                commit.expect("a commit");
            }
            Step::Reopen => {
                github.close_pull(repo, number, "ada").expect("closed");
                github.reopen_pull(repo, number, "ada").expect("open");
            }
            Step::Draft => {
                github.draft_pull(repo, number, "ada").expect("a draft");
                github.ready_pull(repo, number, "ada").expect("ready");
            }
            Step::Again => {
                let mine = format!("\"full_name\":\"{repo}\"");
                let all = github.deliveries().into_iter();
                let mut all: Vec<_> = all.filter(|one| one.body.contains(&mine)).collect();
                if !all.is_empty() {
                    let one = all.swap_remove(rng.usize(0..all.len()));
                    github.redeliver(&one.guid);
                }
            }
        }
    }

    /// Starts the server again when it died. Returns whether it did.
    async fn revive(&mut self) -> bool {
        let mut died = false;
        while self.has_died.swap(false, Ordering::SeqCst) {
            died = true;
            self.story.kill().await;
            // It may die again before it answers.
            let begun = self.story.serve().await;
            assert!(
                begun.is_ok() || self.has_died.load(Ordering::SeqCst),
                "{}",
                self.story.log_end()
            );
        }
        died
    }
}

/// The name of the repository that a write is for.
fn repository(seen: &Seen) -> Option<&str> {
    let below = seen.path.strip_prefix("/repos").unwrap_or(&seen.path);
    let name = below.strip_prefix("/acme/")?.split('/').next()?;
    Some(name.strip_suffix(".git").unwrap_or(name))
}
