//! One machine: this program again, as a process of its own. It reads from standard input what is to be begun, and works until
//! it is told to end.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use countersign::domain::pull::Request;
use countersign::edge::engine::{Engine, InProcess};
use countersign::edge::store::Store;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::hands::WaitingHands;
use super::{SLOTS, world};

/// What a machine has to know.
const VARIABLE: &str = "COUNTERSIGN_TEST_MACHINE";

#[derive(serde::Serialize, serde::Deserialize)]
pub struct Plan {
    pub name: String,
    pub database: String,
    pub engine: Option<String>,
    pub notes: String,
    pub takes: Duration,
}

/// A machine that was started.
pub struct Machine {
    pub name: String,
    child: Child,
}

impl Machine {
    pub fn start(plan: &Plan, log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("a log");
        let child = Command::new(std::env::current_exe().expect("this program"))
            .args([
                "--exact",
                "edges::engine::machine::works_until_it_is_told_to_end",
            ])
            .args(["--ignored", "--nocapture"])
            .env(VARIABLE, serde_json::to_string(plan).expect("JSON"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        let name = plan.name.clone();
        Self { name, child }
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id().expect("it runs")).expect("a process id")
    }

    /// Has a run begun there.
    pub async fn begin(&mut self, request: &Request) {
        let mut line = serde_json::to_string(request).expect("JSON");
        line.push('\n');
        let input = self.child.stdin.as_mut().expect("a pipe");
        input.write_all(line.as_bytes()).await.expect("it listens");
    }

    pub async fn kill(&mut self) {
        self.child.kill().await.expect("it runs");
    }

    pub async fn wait(&mut self) {
        let ended = tokio::time::timeout(Duration::from_secs(60), self.child.wait());
        let ended = ended
            .await
            .expect("it ends in time")
            .expect("it is waited for");
        assert!(ended.success(), "{ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a machine of the stories of engines, which start it"]
async fn works_until_it_is_told_to_end() {
    let Ok(plan) = std::env::var(VARIABLE) else {
        return;
    };
    let plan: Plan = serde_json::from_str(&plan).expect("a plan");
    let now = Arc::new(|| jiff::Timestamp::now().as_millisecond());
    let store = Store::open(&plan.database, now).await.expect("a database");
    let stop = CancellationToken::new();
    let hands = Arc::new(WaitingHands {
        store: store.clone(),
        engine: OnceLock::new(),
        notes: plan.notes.into(),
        name: plan.name,
        takes: plan.takes,
        stop: stop.clone(),
    });
    let engine: Arc<dyn Engine> = match plan.engine {
        None => Arc::new(InProcess::new(SLOTS)),
        Some(url) => connect(&url).await,
    };
    assert!(hands.engine.set(engine.clone()).is_ok());
    let mut told = signal(SignalKind::terminate()).expect("a signal");
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let listening = async {
        loop {
            tokio::select! {
                _ = told.recv() => return stop.cancel(),
                line = lines.next_line() => match line.expect("a pipe") {
                    None => return stop.cancel(),
                    Some(line) => {
                        let request: Request = serde_json::from_str(&line).expect("a request");
                        while store.begin(&request).await.is_err() {
                            tokio::time::sleep(Duration::from_millis(200)).await;
                        }
                        engine.look(&request.place());
                    }
                },
            }
        }
    };
    tokio::join!(engine.work(hands, stop.clone()), listening);
}

#[cfg(feature = "temporal")]
async fn connect(url: &str) -> Arc<dyn Engine> {
    use countersign::edge::engine::{Temporal, TemporalOptions};
    let options = TemporalOptions {
        url: url.parse().expect("an address"),
        builds: SLOTS,
        beat_lost: world::BEAT_LOST,
        history: world::HISTORY,
    };
    Arc::new(Temporal::connect(options).await.expect("it answers"))
}

#[cfg(not(feature = "temporal"))]
async fn connect(url: &str) -> Arc<dyn Engine> {
    panic!(
        "there is no engine at {url} in this build; {:?}, {}",
        world::BEAT_LOST,
        world::HISTORY
    )
}
