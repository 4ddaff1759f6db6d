//! A testbed for one story: the three stand-ins on loopback and a real `countersign serve` between them, with its own
//! state, home and ports.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::domain::row::State;
use countersign::domain::view::View;
use countersign::edge::store::{RunRow, Store};
use countersign_standin::github::{CheckRun, FileChange, ReviewComment, Role, Standing};
use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};
use countersign_standin::names::{RepoName, Sha};
use countersign_standin::testbed::{Testbed, TestbedPlan};
use sqlx::Connection as _;

use super::names::same;
use super::{openapi, tools};

/// How long a story waits for something to move. Generous: other stories run beside it on two cores.
pub const PATIENCE: Duration = Duration::from_secs(240);
/// How long a story waits for something that has to happen while all the time something moves: a story of five builds
/// takes 200 seconds alone on a slow machine of two cores.
const LONGEST: Duration = Duration::from_secs(1200);

/// A testbed with a repository `acme/product` in it, to which `ada` may write.
pub struct Story {
    testbed: Testbed,
    /// `acme/product`.
    pub repo: RepoName,
    _folder: tempfile::TempDir,
}

impl Deref for Story {
    type Target = Testbed;
    fn deref(&self) -> &Testbed {
        &self.testbed
    }
}
impl DerefMut for Story {
    fn deref_mut(&mut self) -> &mut Testbed {
        &mut self.testbed
    }
}

impl Story {
    /// Starts everything; the repository has one commit with `files` on `main`.
    pub async fn begin(scenarios: Vec<Scenario>, files: &[FileChange<'_>]) -> Self {
        let mut story = Self::without_server(scenarios, files).await;
        story.serve().await.expect("the server starts");
        story
    }

    /// The same without a server: see [`Testbed::serve`].
    pub async fn without_server(scenarios: Vec<Scenario>, files: &[FileChange<'_>]) -> Self {
        Self::with_env(scenarios, files, BTreeMap::new()).await
    }

    /// The same without a server, which will have this in its environment besides.
    pub async fn with_env(
        scenarios: Vec<Scenario>,
        files: &[FileChange<'_>],
        env: BTreeMap<String, String>,
    ) -> Self {
        // The stand-ins answer in this process, so installing must not hold it up.
        tokio::task::spawn_blocking(tools::tools)
            .await
            .expect("the tool chain is there");
        let folder = tempfile::tempdir().expect("a folder");
        let testbed = Testbed::start(TestbedPlan {
            exe: env!("CARGO_BIN_EXE_countersign").into(),
            state: folder.path().join("state"),
            tools: Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools"),
            scenarios,
            env,
        })
        .await
        .expect("the stand-ins start");
        let repo: RepoName = "acme/product".parse().expect("a name");
        let mut all = vec![("README.md", Some("# Product\n"))];
        all.extend_from_slice(files);
        testbed
            .github
            .create_repo(&repo, &all)
            .expect("a repository");
        testbed
            .github
            .set_permission(&repo, "ada", Role::Write)
            .expect("a role");
        Self {
            testbed,
            repo,
            _folder: folder,
        }
    }

    /// Commits `files` to `branch` as ada.
    pub fn push(&self, branch: &str, files: &[FileChange<'_>]) -> Sha {
        self.github
            .commit(&self.repo, branch, None, files, "ada")
            .expect("a commit")
    }

    /// Opens a pull request of `branch` into `main` as ada.
    pub fn open(&self, branch: &str) -> u64 {
        let head = (&self.repo, branch);
        self.github
            .open_pull((&self.repo, "main"), head, "ada", Standing::Ready)
            .expect("a pull request")
    }

    /// What the server answers at that path.
    pub async fn get(&self, path: &str) -> String {
        let url = format!("http://{}{path}", self.address());
        let answer = reqwest::get(url).await.expect("an answer");
        answer.text().await.expect("a text")
    }

    /// The server's database, read beside it.
    pub async fn store(&self) -> Store {
        let url = self.database_url();
        let now = || jiff::Timestamp::now().as_millisecond();
        Store::open(&url, Arc::new(now))
            .await
            .expect("the database opens")
    }

    fn database_url(&self) -> String {
        let sqlite = || format!("sqlite://{}", self.state().join("countersign.db").display());
        self.env().remove("DATABASE_URL").unwrap_or_else(sqlite)
    }

    /// The runs of a pull request, oldest first.
    pub async fn runs(&self, number: u64) -> Vec<RunRow> {
        let store = self.store().await;
        let mut runs = store
            .runs_of(&format!("{}#{number}", self.repo))
            .await
            .expect("runs");
        store.close().await;
        runs.sort_by_key(|row| row.requested_ms);
        runs
    }

    /// What the log says of a run.
    pub async fn view(&self, run: &countersign::domain::name::RunId) -> View {
        let store = self.store().await;
        let events = store.events(run, 0).await.expect("events");
        store.close().await;
        View::of(&events)
    }

    /// Waits until `what` holds.
    pub async fn until<F: AsyncFn(&Self) -> bool>(&self, what: &str, holds: F) {
        let began = Instant::now();
        let mut seen = (began, self.requests());
        while !holds(self).await {
            if seen.0.elapsed() > PATIENCE {
                let now = (Instant::now(), self.requests());
                assert!(
                    now.1 != seen.1 && began.elapsed() < LONGEST,
                    "{what} did not happen in {:?}; the server says:\n{}",
                    began.elapsed(),
                    self.log_end()
                );
                seen = now;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// How often the stand-ins were asked for something.
    fn requests(&self) -> usize {
        self.model.requests().len() + self.nango.seen().len() + self.github.requests().len()
    }

    /// Waits until every run of the pull request (at least `count`) has ended and was told on its head, and returns the
    /// view of the newest.
    pub async fn told(&self, number: u64, count: usize) -> View {
        self.until("the report", async |story| {
            let runs = story.runs(number).await;
            let checks = story.github.check_runs(&story.repo).expect("checks");
            let told = |row: &RunRow| {
                let mut heads = std::iter::once(&row.head).chain(&row.pushed);
                heads.all(|head| {
                    let head: Sha = same(head);
                    checks
                        .iter()
                        .any(|check| check.head == head && check.status == "completed")
                })
            };
            runs.len() >= count && runs.iter().all(|row| row.ended_ms.is_some() && told(row))
        })
        .await;
        let runs = self.runs(number).await;
        self.view(&runs.last().expect("a run").run).await
    }

    /// Waits until nothing is left to do: deliveries carried and worked off, runs ended, reports posted.
    pub async fn quiet(&self) {
        self.until("quiet", async |story| {
            let before = story.github.deliveries().len();
            story.is_idle().await && story.github.deliveries().len() == before
        })
        .await;
    }

    /// Whether nothing is left to do just now.
    pub async fn is_idle(&self) -> bool {
        if !self.github.deliveries_settled(Duration::ZERO).await {
            return false;
        }
        sqlx::any::install_default_drivers();
        let mut database = sqlx::AnyConnection::connect(&self.database_url())
            .await
            .expect("the database opens");
        let left: i64 = sqlx::query_scalar(
            "SELECT (SELECT COUNT(*) FROM deliveries WHERE state = 'received')
                + (SELECT COUNT(*) FROM runs WHERE pull IS NOT NULL AND (done = 0 OR told_seq < latest_seq))",
        )
        .fetch_one(&mut database)
        .await
        .expect("what is left");
        database.close().await.expect("the database closes");
        let log = self.log_end();
        assert!(!log.contains("it is given up"), "{log}");
        left == 0 && self.github.deliveries_settled(Duration::ZERO).await
    }

    /// Waits until it is quiet; then there were exactly `count` runs of the pull request. Their views, oldest first.
    pub async fn views(&self, number: u64, count: usize) -> Vec<View> {
        self.until("the run", async |story| {
            story.runs(number).await.len() >= count
        })
        .await;
        self.quiet().await;
        let runs = self.runs(number).await;
        let mut views = Vec::new();
        for row in &runs {
            views.push(self.view(&row.run).await);
        }
        let endings: Vec<_> = views.iter().map(|view| &view.ending).collect();
        assert_eq!(runs.len(), count, "{endings:#?}\n{}", self.log_end());
        assert!(
            views.iter().all(|view| view.ending.is_some()),
            "{endings:#?}"
        );
        views
    }

    /// The server's SQLite database, beside it.
    pub async fn database(&self) -> sqlx::SqliteConnection {
        let url = format!("sqlite://{}", self.state().join("countersign.db").display());
        let opened = sqlx::SqliteConnection::connect(&url).await;
        opened.expect("the database opens")
    }

    /// What is kept of deliveries: id and body.
    pub async fn kept_deliveries(&self) -> Vec<(String, String)> {
        let mut database = self.database().await;
        let kept = sqlx::query_as("SELECT id, body FROM deliveries")
            .fetch_all(&mut database)
            .await
            .expect("the deliveries");
        database.close().await.expect("the database closes");
        kept
    }

    /// The newest check run of a commit, as GitHub shows it.
    pub fn check(&self, head: &Sha) -> CheckRun {
        let checks = self.github.check_runs(&self.repo).expect("checks");
        let of_head = checks.into_iter().filter(|check| &check.head == head);
        of_head.max_by_key(|check| check.id).expect("a check run")
    }

    /// How many check runs a commit has.
    pub fn checks_on(&self, head: &Sha) -> usize {
        let checks = self.github.check_runs(&self.repo).expect("checks");
        checks.iter().filter(|check| &check.head == head).count()
    }

    /// What our bot wrote in the conversation.
    pub fn said(&self, number: u64) -> Vec<String> {
        let bot = self.github.bot().0;
        let all = self.github.comments(&self.repo, number).expect("comments");
        let ours = all.into_iter().filter(|comment| comment.author == bot);
        ours.map(|comment| comment.body).collect()
    }

    /// The one sticky comment.
    pub fn sticky(&self, number: u64) -> String {
        let mut stickies = self.said(number);
        stickies.retain(|body| body.contains("<!-- countersign:summary -->"));
        assert_eq!(stickies.len(), 1, "one sticky comment: {stickies:#?}");
        stickies.remove(0)
    }

    /// The reviews of a pull request, as the commits that they are on.
    pub fn reviewed(&self, number: u64) -> Vec<Sha> {
        let reviews = self.github.reviews(&self.repo, number).expect("reviews");
        reviews.into_iter().map(|review| review.commit).collect()
    }

    /// Where the bot's remarks are: `path:line`, in the order of their making.
    pub fn remarks(&self, number: u64) -> Vec<String> {
        let all = self.github.review_comments(&self.repo, number);
        let place = |comment: ReviewComment| {
            let line = comment.line.map_or(0, |(_, line)| line);
            format!("{}:{line}", comment.path)
        };
        all.expect("remarks").into_iter().map(place).collect()
    }

    /// A file of a commit.
    pub fn file(&self, commit: &Sha, path: &str) -> Option<String> {
        self.github.file(&self.repo, commit, path).expect("a file")
    }

    /// How often the model was asked about an interaction.
    pub fn asked(&self, key: &str) -> usize {
        let seen = self.model.requests();
        seen.iter()
            .filter(|seen| seen.key.as_deref() == Some(key))
            .count()
    }

    /// The reactions to a comment.
    pub fn reactions(&self, number: u64, comment: u64) -> Vec<String> {
        let all = self.github.comments(&self.repo, number).expect("comments");
        let found = all.into_iter().find(|one| one.id == comment);
        let reactions = found.expect("the comment").reactions;
        reactions.into_iter().map(|one| one.content).collect()
    }

    /// What every story ends with: GitHub was asked nothing that it does not know, and nothing in a form that its own
    /// description does not allow; no secret is where it must not be.
    pub fn end(&self) {
        let unexpected = self.github.unexpected();
        assert!(
            unexpected.is_empty(),
            "GitHub does not know: {unexpected:?}"
        );
        let violations = openapi::check(&self.github.requests());
        assert!(
            violations.is_empty(),
            "against GitHub's description: {violations:#?}"
        );
        for seen in self.model.requests() {
            let body = seen.body.to_string();
            for secret in [
                countersign_standin::testbed::NANGO_SECRET,
                countersign_standin::nango::CANARY_TOKEN,
            ] {
                assert!(!body.contains(secret), "a secret reached the model");
            }
        }
    }
}

/// A spec with its `integration.yaml`, as files of a commit.
pub fn spec(key: &str, kind: &str, more: &str) -> Vec<(String, String)> {
    let integration = key.split('/').next().expect("an integration");
    vec![
        (
            format!("interactions/{integration}/integration.yaml"),
            format!("connection: {integration}-test\n"),
        ),
        (
            format!("interactions/{key}.yaml"),
            format!("kind: {kind}\ndescription: What a story wants of {key}.\n{more}"),
        ),
    ]
}

/// Files as a commit takes them: each path once.
pub fn changes(files: &[(String, String)]) -> Vec<FileChange<'_>> {
    let by_path: BTreeMap<&str, Option<&str>> = files
        .iter()
        .map(|(path, text)| (path.as_str(), Some(text.as_str())))
        .collect();
    by_path.into_iter().collect()
}

/// The input of `google-calendar/create-event`.
pub const EVENT_INPUT: &str = r#"{"calendarId":"primary","summary":"Story","start":"2026-02-01T09:00:00Z","end":"2026-02-01T10:00:00Z"}"#;

/// `google-calendar/create-event` with its input.
pub fn create_event() -> Vec<(String, String)> {
    spec(
        "google-calendar/create-event",
        "action",
        "input: { calendarId: primary, summary: Story, start: '2026-02-01T09:00:00Z', end: '2026-02-01T10:00:00Z' }\n",
    )
}

/// An agent that writes the example function for `key`, dry-runs it, and reports what it did.
pub fn honest(key: &str, kind: &str, input: Option<&str>) -> Scenario {
    Scenario::new(
        key,
        Script::new()
            .write_example(key, kind)
            .bash(&dry_run(key, input))
            .say(report("done", "It works.", &[&dry_run(key, input)])),
    )
}

/// An agent that records honestly and then edits its recording.
pub fn liar(key: &str, kind: &str, input: Option<&str>) -> Scenario {
    let (integration, name) = key.split_once('/').expect("a key");
    let edit = format!("sed -i 's/general/announcements/g' {integration}/tests/{name}.test.json");
    let script = Script::new()
        .write_example(key, kind)
        .bash(&dry_run(key, input))
        .bash(&edit);
    Scenario::new(
        key,
        script.say(report("done", "All is well.", &[&dry_run(key, input)])),
    )
}

/// An honest agent that does what `script` says and then writes and runs a function that creates an event, under whatever name.
pub fn event_agent(key: &str, script: Script) -> Scenario {
    let (integration, name) = key.split_once('/').expect("a key");
    let function = countersign_standin::nango::function("google-calendar/actions/create-event.ts");
    let try_it = dry_run(key, Some(EVENT_INPUT));
    let script = script
        .write(
            &format!("{integration}/actions/{name}.ts"),
            function.expect("an example"),
        )
        .bash(&try_it)
        .say(report("done", "It works.", &[&try_it]));
    Scenario::new(key, script)
}

/// The commit that a run put on its branch, as GitHub names it.
pub fn pushed(view: &View) -> Sha {
    let commit = view.pushed();
    same(commit.unwrap_or_else(|| panic!("{:?}", view.settlement)))
}

/// How each interaction stands, in order: `slack/users refused`.
pub fn states(view: &View) -> Vec<String> {
    let word = |state: &State| match state {
        State::Waiting => "waiting".to_owned(),
        State::Stopped => "stopped".to_owned(),
        State::Working { .. } => "working".to_owned(),
        State::Judged { judgement } => judgement.verdict.words().to_owned(),
        State::Carried { .. } => "carried".to_owned(),
        State::Edited { .. } => "edited".to_owned(),
        State::Adopted => "adopted".to_owned(),
        State::TakenBack => "taken back".to_owned(),
        State::Skipped { .. } => "skipped".to_owned(),
        State::CalledOff { .. } => "called off".to_owned(),
        State::Restored => "restored".to_owned(),
        State::Removed => "removed".to_owned(),
        State::GivenUp { fault, .. } => format!("given up: {fault}"),
    };
    let rows = view.rows.iter();
    rows.map(|row| format!("{} {}", row.key, word(&row.state)))
        .collect()
}
