//! A database, an engine, and machines that work with them; and what became of it all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::domain::ending::CancelReason;
use countersign::domain::event::Event;
use countersign::domain::name::{RepoName, RunId, Sha};
use countersign::domain::pull::{Cause, PullRequest, PullState, Request};
use countersign::edge::store::Store;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::machine::{Machine, Plan};
use crate::support::database::Database;
#[cfg(feature = "temporal")]
use crate::support::engine::EngineServer;

/// Without a beat for so long, a machine is taken for dead.
pub const BEAT_LOST: Duration = Duration::from_secs(4);
/// Events after which a workflow goes on in a new history: a look and a pause have about ten, and a busy machine looks seldom.
pub const HISTORY: u32 = 15;
/// How long something may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

pub struct World {
    database: Database,
    store: Store,
    #[cfg(feature = "temporal")]
    engine: Option<EngineServer>,
    machines: Vec<Machine>,
    takes: Duration,
    folder: tempfile::TempDir,
}

impl World {
    pub async fn in_process() -> Self {
        let database = Database::sqlite();
        Self::of(database).await
    }

    #[cfg(feature = "temporal")]
    pub async fn temporal() -> Self {
        let database = tokio::task::spawn_blocking(Database::postgres).await;
        let mut world = Self::of(database.expect("a database")).await;
        world.engine = Some(EngineServer::start().await);
        world
    }

    /// With a database that can be away.
    #[cfg(feature = "temporal")]
    pub async fn with_database_alone() -> Self {
        let database = tokio::task::spawn_blocking(Database::postgres_alone).await;
        let mut world = Self::of(database.expect("a database")).await;
        world.engine = Some(EngineServer::start().await);
        world
    }

    async fn of(database: Database) -> Self {
        let now = Arc::new(|| jiff::Timestamp::now().as_millisecond());
        let store = Store::open(&database.url, now).await;
        Self {
            database,
            store: store.expect("a database"),
            #[cfg(feature = "temporal")]
            engine: None,
            machines: Vec::new(),
            takes: Duration::ZERO,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    #[cfg(feature = "temporal")]
    fn engine(&self) -> Option<String> {
        self.engine.as_ref().map(EngineServer::url)
    }

    #[cfg(not(feature = "temporal"))]
    fn engine(&self) -> Option<String> {
        None
    }

    /// Starts so many machines whose builds take so long; where there is no engine, one.
    pub async fn machines(&mut self, number: usize, takes: Duration) {
        self.takes = takes;
        let number = if self.engine().is_some() { number } else { 1 };
        for n in 1..=number {
            self.machine(&format!("m{n}")).await;
        }
    }

    /// Starts one more, in the place of those that ended.
    pub async fn machine(&mut self, name: &str) {
        let plan = Plan {
            name: name.to_owned(),
            database: self.database.url.clone(),
            engine: self.engine(),
            notes: self.notes_path().display().to_string(),
            takes: self.takes,
        };
        let log = self.folder.path().join(format!("{name}.log"));
        self.machines.push(Machine::start(&plan, &log));
    }

    /// Has a run of so many builds begun, for a head of that name.
    pub async fn begin(&mut self, repo: &str, builds: u64, head: char) -> RunId {
        let repo: RepoName = repo.parse().expect("a name");
        let sha = |digit: char| -> Sha { digit.to_string().repeat(40).parse().expect("an id") };
        let pull = PullRequest {
            repo: repo.clone(),
            number: builds,
            state: PullState::Open,
            head: sha(head),
            head_branch: "specs".into(),
            head_repo: Some(repo),
            base_branch: "main".into(),
            base: sha('0'),
            author: "mona".into(),
        };
        let request = Request::for_pull(11, pull, Cause::Head);
        self.machines[0].begin(&request).await;
        request.run
    }

    /// Asks the runs of a place to stop.
    pub async fn cancel(&self, place: &str) {
        let asked = self
            .store
            .cancel_runs(place, &CancelReason::PullRequestClosed);
        assert_eq!(asked.await.expect("asked").len(), 1);
    }

    /// Waits until something holds.
    pub async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self) {
            assert!(began.elapsed() < PATIENCE, "{what}: {}", self.told());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a run has ended.
    pub async fn ended(&self, run: &RunId) {
        let began = Instant::now();
        loop {
            let row = self.store.run(run).await.ok().flatten();
            if row.is_some_and(|row| row.ended_ms.is_some()) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{run}: {}", self.told());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// How many builds of a run are in its log as ended; none is there twice.
    pub async fn sealed(&self, run: &RunId) -> usize {
        let events = self.store.events(run, 0).await.expect("its log");
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for logged in events {
            if let Event::Sealed { interaction, .. } = logged.event {
                *times.entry(interaction.to_string()).or_default() += 1;
            }
        }
        assert!(times.values().all(|times| *times == 1), "{times:?}");
        times.len()
    }

    /// How often builds of a run began.
    pub fn begun(&self, run: &RunId) -> usize {
        let of = format!("{run}/");
        self.count(|what, build, _| what == "begun" && build.starts_with(&of))
    }

    pub fn starts(&self) -> usize {
        self.count(|what, _, _| what == "begun")
    }

    pub fn ends(&self) -> usize {
        self.count(|what, _, _| what == "ended")
    }

    /// How many processes drove a run, one after the other.
    pub fn drivers(&self, run: &RunId) -> usize {
        self.count(|what, of, _| what == "drives" && of == run.as_str())
    }

    /// Who drives it.
    pub async fn driver(&self, run: &RunId) -> String {
        self.until("somebody drives it", |world| world.drivers(run) > 0)
            .await;
        let notes = self.notes();
        let drives = notes
            .iter()
            .rfind(|(what, of, _)| what == "drives" && of == run.as_str());
        drives.expect("somebody").2.clone()
    }

    /// Machines that have built something.
    pub fn at_work(&self) -> BTreeSet<String> {
        let notes = self.notes().into_iter();
        notes
            .filter(|(what, ..)| what == "begun")
            .map(|(_, _, by)| by)
            .collect()
    }

    /// All machines.
    pub fn names(&self) -> BTreeSet<String> {
        self.machines
            .iter()
            .map(|machine| machine.name.clone())
            .collect()
    }

    /// The builds that a machine has begun and not left.
    pub fn in_hand(&self, name: &str) -> Vec<String> {
        let mut has = Vec::new();
        for (what, build, by) in self.notes() {
            match what.as_str() {
                "begun" if by == name => has.push(build),
                "left" if by == name => has.retain(|one| *one != build),
                _ => {}
            }
        }
        has
    }

    /// How many builds are under way, on all machines.
    pub fn at_work_now(&self) -> usize {
        self.names()
            .iter()
            .map(|name| self.in_hand(name).len())
            .sum()
    }

    /// How many builds were under way at once at the most.
    pub fn at_once(&self) -> usize {
        let (mut now, mut most) = (0_usize, 0);
        for (what, ..) in self.notes() {
            match what.as_str() {
                "begun" => now += 1,
                "left" => now -= 1,
                _ => {}
            }
            most = most.max(now);
        }
        most
    }

    #[cfg(feature = "temporal")]
    pub fn begun_by_others(&self, build: &str, than: &str) -> bool {
        self.count(|what, of, by| what == "begun" && of == build && by != than) > 0
    }

    /// The number of the first note of a run's builds.
    pub fn first_of(&self, run: &RunId) -> usize {
        let of = format!("{run}/");
        let notes = self.notes();
        let first = notes
            .iter()
            .position(|(_, build, _)| build.starts_with(&of));
        first.expect("it began")
    }

    /// The same of its last.
    pub fn last_of(&self, run: &RunId) -> usize {
        let of = format!("{run}/");
        let notes = self.notes();
        let last = notes
            .iter()
            .rposition(|(_, build, _)| build.starts_with(&of));
        last.expect("it began")
    }

    /// How many builds of `one` began while `other` was driven and had builds that had not begun.
    pub fn begun_meanwhile(&self, one: &RunId, other: &RunId) -> usize {
        let (one, other_of) = (format!("{one}/"), format!("{other}/"));
        let notes = self.notes();
        let drives =
            |(what, of, _): &(String, String, String)| what == "drives" && of == other.as_str();
        let begins =
            |(what, of, _): &(String, String, String)| what == "begun" && of.starts_with(&other_of);
        let from = notes.iter().position(drives).expect("somebody drives it");
        let to = notes.iter().rposition(begins).expect("it begins");
        let meanwhile = notes[from..to].iter();
        meanwhile
            .filter(|(what, of, _)| what == "begun" && of.starts_with(&one))
            .count()
    }

    pub async fn kill(&mut self, name: &str) {
        let at = self.position(name);
        self.machines.remove(at).kill().await;
    }

    pub async fn told_to_end(&mut self, name: &str) {
        self.signal(name, Signal::SIGTERM);
        let at = self.position(name);
        self.machines.remove(at).wait().await;
    }

    pub fn signal(&self, name: &str, signal: Signal) {
        let pid = self.machines[self.position(name)].pid();
        kill(Pid::from_raw(pid), signal).expect("it runs");
    }

    fn position(&self, name: &str) -> usize {
        let mut names = self.machines.iter();
        names.position(|one| one.name == name).expect("a machine")
    }

    /// As a server of PostgreSQL does that is restarted; a file breaks none.
    pub async fn break_connections(&self) {
        if self.engine().is_some() {
            self.database.breaks_connections().await;
        }
    }

    #[cfg(feature = "temporal")]
    pub async fn engine_is_away(&mut self, time: Duration) {
        let engine = self.engine.as_mut().expect("an engine");
        engine.kill().await;
        tokio::time::sleep(time).await;
        engine.come_back().await;
    }

    /// Kills the database, which is there again after so many seconds.
    #[cfg(feature = "temporal")]
    pub fn database_is_away(&mut self, seconds: u64) {
        tokio::task::block_in_place(|| self.database.is_away(seconds));
    }

    /// How many workflows went on in a new history.
    #[cfg(feature = "temporal")]
    pub async fn begun_anew(&self) -> usize {
        let engine = self.engine.as_ref().expect("an engine");
        engine.count("ExecutionStatus = 'ContinuedAsNew'").await
    }

    /// The first machine and the engine: name, seconds of CPU so far, resident megabytes.
    #[cfg(feature = "temporal")]
    pub fn processes(&self) -> Vec<(&'static str, f64, u64)> {
        let engine = self.engine.as_ref().expect("an engine");
        let of = |name, pid: i32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
            let (_, fields) = stat.rsplit_once(") ").expect("its name");
            let field = |n: usize| -> u64 {
                fields
                    .split(' ')
                    .nth(n)
                    .and_then(|field| field.parse().ok())
                    .expect("a number")
            };
            // proc_pid_stat(5): utime and stime in hundredths of a second, rss in pages of 4 KiB.
            (
                name,
                (field(11) + field(12)) as f64 / 100.0,
                field(21) * 4 / 1024,
            )
        };
        vec![
            of("machine (debug build)", self.machines[0].pid()),
            of("Temporal's server for development", engine.pid()),
        ]
    }

    /// Every machine ends when it is told to.
    pub async fn stop(mut self) {
        for machine in &mut self.machines {
            kill(Pid::from_raw(machine.pid()), Signal::SIGTERM).expect("it runs");
        }
        for machine in &mut self.machines {
            machine.wait().await;
        }
    }

    fn count(&self, counts: impl Fn(&str, &str, &str) -> bool) -> usize {
        let notes = self.notes();
        let counted = notes.iter().filter(|(what, of, by)| counts(what, of, by));
        counted.count()
    }

    fn notes_path(&self) -> PathBuf {
        self.folder.path().join("notes")
    }

    /// What happened, of what, on which machine.
    fn notes(&self) -> Vec<(String, String, String)> {
        let text = std::fs::read_to_string(self.notes_path()).unwrap_or_default();
        // The last line may be under way.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let lines = whole
            .lines()
            .map(|line| line.splitn(3, ' ').map(str::to_owned));
        lines
            .filter_map(|mut words| Some((words.next()?, words.next()?, words.next()?)))
            .collect()
    }

    /// Everything, for a story that fails.
    pub fn told(&self) -> String {
        let mut told = std::fs::read_to_string(self.notes_path()).unwrap_or_default();
        for name in self.names() {
            let log = self.folder.path().join(format!("{name}.log"));
            let said = std::fs::read_to_string(log).unwrap_or_default();
            told.push_str(&format!("\n== {name}\n{said}"));
        }
        told
    }
}
