//! A whole testbed on loopback: GitHub, the model, Nango's API, and a real `countersign serve` in between, as a process of
//! its own that can be killed and started again.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::process::{Child, Command};

use super::github::{GitHubStandIn, Options, StandInError};
use super::model::{ModelStandIn, Scenario};
use super::nango::NangoStandIn;
use super::reserved_port::ReservedPort;
use super::worker_process::WorkerProcess;

/// The secret key that the stand-in for Nango's API takes.
pub const NANGO_SECRET: &str = "nango-secret-key-of-the-test-accounts";
/// How long a server may take to answer after it was started, tool chain already there.
const START: Duration = Duration::from_secs(90);
/// How long it may take to end after it was told to.
const STOP: Duration = Duration::from_secs(40);

/// What a testbed is made from.
#[derive(Debug, Clone)]
pub struct TestbedPlan {
    /// The `countersign` binary.
    pub exe: PathBuf,
    /// The state folder of the server.
    pub state: PathBuf,
    /// The tool chain's folder.
    pub tools: PathBuf,
    /// What the model plays.
    pub scenarios: Vec<Scenario>,
    /// More environment for the server.
    pub env: BTreeMap<String, String>,
}

/// Why a testbed does not stand.
#[derive(Debug, thiserror::Error)]
pub enum TestbedError {
    /// The stand-in for GitHub.
    #[error("the stand-in for GitHub failed")]
    GitHub(#[from] StandInError),
    /// A folder, a port or a process.
    #[error("cannot {what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// The server ended or does not answer.
    #[error("`countersign serve` does not answer; its log ends with:\n{log}")]
    Silent {
        /// The end of its log.
        log: String,
    },
}

/// The testbed. Everything in it ends when it is dropped.
pub struct Testbed {
    /// GitHub.
    pub github: GitHubStandIn,
    /// Nango's API.
    pub nango: NangoStandIn,
    /// The model.
    pub model: ModelStandIn,
    plan: TestbedPlan,
    address: SocketAddr,
    _port: ReservedPort,
    server: Option<Child>,
}

impl Testbed {
    /// Starts the stand-ins; the server is started by [`Testbed::serve`].
    pub async fn start(plan: TestbedPlan) -> Result<Self, TestbedError> {
        let io = |what| move |source| TestbedError::Io { what, source };
        let github = GitHubStandIn::start(Options::default()).await?;
        let nango = NangoStandIn::start(NANGO_SECRET)
            .await
            .map_err(io("start the stand-in for Nango"))?;
        let model = ModelStandIn::start(plan.scenarios.clone())
            .await
            .map_err(io("start the stand-in for the model"))?;
        std::fs::create_dir_all(&plan.state).map_err(io("make the state folder"))?;
        let config = plan.state.join("opencode.json");
        std::fs::write(&config, model.opencode_config().to_string())
            .map_err(io("write the model's configuration"))?;
        // GitHub has to know the address before the server runs, and while it is down.
        let port = ReservedPort::any().map_err(io("find a free port"))?;
        let address = port.address().map_err(io("find a free port"))?;
        github.set_webhook_url(Some(&format!("http://{address}/webhook")));
        Ok(Self {
            github,
            nango,
            model,
            plan,
            address,
            _port: port,
            server: None,
        })
    }

    /// The address of the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's state folder.
    pub fn state(&self) -> &Path {
        &self.plan.state
    }

    /// The server's whole environment, for other commands of ours too.
    pub fn env(&self) -> BTreeMap<String, String> {
        let path = |path: PathBuf| path.display().to_string();
        let (key_name, key) = self.model.key();
        let mut env: BTreeMap<String, String> = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", path(self.plan.state.join("home"))),
            ("COUNTERSIGN_STATE_DIR", path(self.plan.state.clone())),
            ("COUNTERSIGN_TOOLS_DIR", path(self.plan.tools.clone())),
            ("COUNTERSIGN_BIND", self.address.to_string()),
            ("COUNTERSIGN_PUBLIC_URL", format!("http://{}", self.address)),
            ("COUNTERSIGN_APP_ID", self.github.app_id().to_string()),
            (
                "COUNTERSIGN_PRIVATE_KEY",
                self.github.private_key_pem().expose_secret().to_owned(),
            ),
            (
                "COUNTERSIGN_WEBHOOK_SECRET",
                self.github.webhook_secret().expose_secret().to_owned(),
            ),
            ("COUNTERSIGN_WRITE_SPACING_MS", "20".to_owned()),
            ("GITHUB_API_URL", self.github.api_url()),
            ("GITHUB_SERVER_URL", self.github.server_url()),
            ("NANGO_HOSTPORT", self.nango.url()),
            ("NANGO_SECRET_KEY", NANGO_SECRET.to_owned()),
            ("COUNTERSIGN_MODEL", "scripted/m".to_owned()),
            (
                "COUNTERSIGN_OPENCODE_CONFIG",
                path(self.plan.state.join("opencode.json")),
            ),
            (&key_name, key),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        env.extend(self.plan.env.clone());
        env
    }

    /// Starts the server and waits until it answers.
    pub async fn serve(&mut self) -> Result<(), TestbedError> {
        let io = |what| move |source| TestbedError::Io { what, source };
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_path())
            .map_err(io("open the server's log"))?;
        std::fs::create_dir_all(self.plan.state.join("home"))
            .map_err(io("make the server's home"))?;
        let server = Command::new(&self.plan.exe)
            .arg("serve")
            .env_clear()
            .envs(self.env())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(io("start the server"))?;
        self.server = Some(server);
        let health = format!("http://{}/healthz", self.address);
        let answers = async {
            let client = reqwest::Client::builder()
                .no_proxy()
                .build()
                .unwrap_or_default();
            loop {
                let ended = self
                    .server
                    .as_mut()
                    .is_none_or(|server| !matches!(server.try_wait(), Ok(None)));
                if ended {
                    return false;
                }
                if client
                    .get(&health)
                    .send()
                    .await
                    .is_ok_and(|answer| answer.status().is_success())
                {
                    return true;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        match tokio::time::timeout(START, answers).await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(TestbedError::Silent {
                log: self.log_end(),
            }),
        }
    }

    /// Starts one more process that works for the same App, as a machine of that name with its own state folder beside the
    /// server's.
    pub fn work(&self, name: &str) -> Result<WorkerProcess, TestbedError> {
        let state = self.plan.state.with_file_name(name);
        let mut env = self.env();
        env.remove("COUNTERSIGN_BIND");
        for (variable, folder) in [
            ("COUNTERSIGN_STATE_DIR", state.clone()),
            ("HOME", state.join("home")),
        ] {
            env.insert(variable.to_owned(), folder.display().to_string());
        }
        let mut command = Command::new(&self.plan.exe);
        command.arg("work").env_clear().envs(env);
        WorkerProcess::start(command, &state)
    }

    /// The server's process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().and_then(Child::id)
    }

    /// Ends the server as a power cut would.
    pub async fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            // It may have ended by itself, which is what is wanted.
            let _ = server.kill().await;
        }
    }

    /// Tells the server to end and waits for it.
    pub async fn stop(&mut self) -> Result<(), TestbedError> {
        let Some(mut server) = self.server.take() else {
            return Ok(());
        };
        if let Some(pid) = server.id().and_then(|pid| i32::try_from(pid).ok()) {
            // Without a process to signal there is nothing to stop.
            let _ = nix::sys::signal::kill(
                nix::unistd::Pid::from_raw(pid),
                nix::sys::signal::Signal::SIGTERM,
            );
        }
        match tokio::time::timeout(STOP, server.wait()).await {
            Ok(_) => Ok(()),
            Err(_) => Err(TestbedError::Silent {
                log: self.log_end(),
            }),
        }
    }

    /// Where the server's log is.
    pub fn log_path(&self) -> PathBuf {
        self.plan.state.join("serve.log")
    }

    /// The end of the server's log.
    pub fn log_end(&self) -> String {
        let log = std::fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}
