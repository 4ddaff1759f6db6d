//! The server process: started with an environment of its own, watched, and never left behind.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, PipeReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, SysconfVar, sysconf};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::{oneshot, watch};

use super::OpenCodeConfig;
use super::client::Client;
use super::config::{self, GuardModel};
use super::folder::Folder;
use crate::domain::limits;
use crate::edge::agent::AgentError;
use crate::os::{process, random};

/// Lines of output that are quoted when it does not come up.
const LAST_WORDS: usize = 20;
const SYSTEM_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A running server. It ends with the value.
pub(super) struct Server {
    client: Client,
    config: Value,
    folder: PathBuf,
    pid: u32,
    ended: watch::Receiver<bool>,
}

impl Server {
    /// Starts one and waits until it is up.
    pub async fn start(config: &OpenCodeConfig, guard: &GuardModel) -> Result<Self, AgentError> {
        let began = Instant::now();
        let up = (config.clock).after(Duration::from_secs(limits::AGENT_START_SECONDS));
        let operators = config::read_operators(config.operator_config.as_deref())?;
        let settings = config::build(&operators, config.model.as_deref(), &config.shell, guard)?;
        let folder = Folder::make(&config.home, &config.toolchain.opencode_version)?;
        folder.configure(&settings)?;
        let password = SecretString::from(random::hex::<24>()?);
        let command = command(config, &operators, &folder, &password);
        let path = folder.path().to_owned();
        let started = keep(command, folder, &config.toolchain.opencode).await?;

        let not_up = |output: &Output| AgentError::NotUp {
            after: began.elapsed(),
            last_words: output.last_words(),
        };
        let output = Arc::clone(&started.output);
        let address = config.clock.until(up, started.address).await;
        // From here on the process ends with `server`, whatever goes wrong.
        let mut server = Self {
            client: Client::new(String::new(), password.clone(), config.clock.clone())?,
            config: settings,
            folder: path,
            pid: started.pid,
            ended: started.ended,
        };
        let Ok(Ok(address)) = address else {
            return Err(not_up(&output));
        };
        server.client = Client::new(address, password, config.clock.clone())?;
        while server.client.health().await.is_err() {
            if !server.is_alive() || config.clock.is_past(up) {
                return Err(not_up(&output));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        tracing::info!(
            pid = server.pid,
            took_ms = began.elapsed().as_millis() as u64,
            "the agent server is up"
        );
        Ok(server)
    }

    /// Speaks with it.
    pub fn client(&self) -> &Client {
        &self.client
    }
    /// A folder of its own, outside every workspace.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
    /// Its process id, which is its process group's too.
    pub fn pid(&self) -> u32 {
        self.pid
    }
    /// Whether its process runs.
    pub fn is_alive(&self) -> bool {
        !*self.ended.borrow()
    }
    /// Becomes true when its process has ended.
    pub fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }

    /// The provider and model that a session uses.
    pub fn model(&self, wanted: Option<&str>) -> Result<(String, String), AgentError> {
        let own = self.config["model"].as_str().unwrap_or_default();
        if wanted.is_none() && own == GuardModel::MODEL {
            return Err(AgentError::Config(
                "no model is chosen; set COUNTERSIGN_MODEL to provider/model and COUNTERSIGN_OPENCODE_CONFIG to an \
                 opencode.json that names it"
                    .into(),
            ));
        }
        let (provider, model) = config::model(&self.config, wanted.unwrap_or(own))?;
        Ok((provider.to_owned(), model.to_owned()))
    }

    /// Memory that it has in use; 0 when the system does not say.
    pub fn resident_bytes(&self) -> u64 {
        let pages = std::fs::read_to_string(format!("/proc/{}/statm", self.pid))
            .ok()
            .and_then(|statm| statm.split(' ').nth(1)?.parse::<u64>().ok());
        let page = sysconf(SysconfVar::PAGE_SIZE)
            .ok()
            .flatten()
            .unwrap_or(4096);
        pages.unwrap_or(0) * page.unsigned_abs()
    }

    /// Ends it and all that it started, at once. What it knows is worth nothing without its sessions.
    pub fn kill(&self) {
        if self.is_alive() {
            let _ = killpg(Pid::from_raw(self.pid.cast_signed()), Signal::SIGKILL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The command with nothing of our environment but what is named here.
fn command(
    config: &OpenCodeConfig,
    operators: &Value,
    folder: &Folder,
    password: &SecretString,
) -> Command {
    let home = |name: &str| folder.path().join(name);
    let mut command = Command::new(&config.toolchain.opencode);
    command
        .args(["serve", "--hostname", "127.0.0.1", "--port", "0"])
        // The runtime reads `.env` where it starts.
        .current_dir(home("home"))
        .env_clear()
        .env("PATH", format!("{}:{SYSTEM_PATH}", folder.bin().display()))
        .env("LANG", "C.UTF-8")
        .env("HOME", home("home"))
        .env("TMPDIR", home("tmp"))
        .env("XDG_CONFIG_HOME", home("config"))
        .env("XDG_DATA_HOME", home("data"))
        .env("XDG_CACHE_HOME", home("cache"))
        .env("XDG_STATE_HOME", home("state"))
        .env("OPENCODE_SERVER_PASSWORD", password.expose_secret())
        .env("OPENCODE_MODELS_PATH", folder.models())
        // Its own default is two minutes of wall time; the shell's own time is counted by the sandbox.
        .env(
            "OPENCODE_EXPERIMENTAL_BASH_DEFAULT_TIMEOUT_MS",
            (limits::SHELL_SECONDS * u64::from(limits::OWN_TIME_SLOWEST) * 1000).to_string(),
        )
        // Whatever would still be installed fails at once instead of going out.
        .env("npm_config_offline", "true")
        .env("npm_config_registry", "http://127.0.0.1:9/");
    for switch in [
        "OPENCODE_DISABLE_AUTOUPDATE",
        "OPENCODE_DISABLE_MODELS_FETCH",
        "OPENCODE_DISABLE_LSP_DOWNLOAD",
        "OPENCODE_DISABLE_DEFAULT_PLUGINS",
        "OPENCODE_DISABLE_PROJECT_CONFIG",
        "OPENCODE_DISABLE_EXTERNAL_SKILLS",
        "OPENCODE_DISABLE_CLAUDE_CODE",
    ] {
        command.env(switch, "1");
    }
    for name in config::variables(operators) {
        if let Some(value) = std::env::var_os(&name) {
            command.env(name, value);
        }
    }
    for (name, value) in &config.extra_env {
        command.env(name, value.expose_secret());
    }
    command
}

/// What is known of a process that has just started.
struct Started {
    pid: u32,
    address: oneshot::Receiver<String>,
    ended: watch::Receiver<bool>,
    output: Arc<Output>,
}

/// Starts the command on a thread that stays until it has ended: the kernel kills the process when the thread that
/// started it goes away, so that it cannot outlive us, and threads of the runtime come and go.
async fn keep(mut command: Command, folder: Folder, program: &Path) -> Result<Started, AgentError> {
    let failed = |source| AgentError::Start {
        program: program.to_owned(),
        source,
    };
    let (reader, writer) = std::io::pipe().map_err(failed)?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone().map_err(failed)?)
        .stderr(writer)
        .process_group(0);
    // SAFETY: prctl and setpriority are async-signal-safe and touch no memory.
    unsafe {
        command.pre_exec(|| {
            process::give_way(limits::AGENT_NICENESS);
            nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).map_err(std::io::Error::from)
        });
    }
    let output = Arc::new(Output::default());
    let log = File::create(folder.path().join("server.log")).map_err(failed)?;
    let (say_ended, ended) = watch::channel(false);
    let (say_started, started) = oneshot::channel();
    let keeper = move || {
        let mut child: Child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return drop(say_started.send(Err(error))),
        };
        // The pipe's writing ends are in here and would keep it open.
        drop(command);
        let _ = say_started.send(Ok(child.id()));
        let _ = child.wait();
        let _ = say_ended.send(true);
        drop(folder);
    };
    spawn("agent-server", keeper).map_err(failed)?;
    let pid = started
        .await
        .unwrap_or_else(|_| Err(std::io::Error::other("its thread ended")))
        .map_err(failed)?;
    let (say_address, address) = oneshot::channel();
    let lines = Arc::clone(&output);
    spawn("agent-server-output", move || {
        lines.follow(reader, log, say_address)
    })
    .map_err(failed)?;
    Ok(Started {
        pid,
        address,
        ended,
        output,
    })
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map(drop)
}

/// The end of what a server has said.
#[derive(Default)]
struct Output(Mutex<VecDeque<String>>);

impl Output {
    fn last_words(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn follow(&self, reader: PipeReader, mut log: File, address: oneshot::Sender<String>) {
        let mut address = Some(address);
        let mut room = limits::AGENT_LOG_BYTES;
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            if let Some((_, url)) = line.split_once("listening on ")
                && let Some(address) = address.take()
            {
                let _ = address.send(url.trim().to_owned());
            }
            let cost = line.len() as u64 + 1;
            if cost <= room {
                room -= cost;
                let _ = writeln!(log, "{line}");
            }
            let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() == LAST_WORDS {
                lines.pop_front();
            }
            lines.push_back(line.chars().take(500).collect());
        }
    }
}
