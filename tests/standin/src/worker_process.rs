//! A `countersign work` of a testbed: a machine of its own, so to speak, with its own state folder and agents.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use super::testbed::TestbedError;

/// How long it may take to end after it was told to.
const STOP: Duration = Duration::from_secs(40);

/// The process, which ends when this is dropped.
pub struct WorkerProcess {
    child: Child,
    log: PathBuf,
}

impl WorkerProcess {
    pub(super) fn start(mut command: Command, state: &Path) -> Result<Self, TestbedError> {
        let io = |what| move |source| TestbedError::Io { what, source };
        std::fs::create_dir_all(state.join("home")).map_err(io("make a worker's folder"))?;
        let log = state.join("work.log");
        let file = std::fs::File::create(&log).map_err(io("open a worker's log"))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .map_err(io("start a worker"))?;
        Ok(Self { child, log })
    }

    /// Everything that it has said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends it as a power cut would.
    pub async fn kill(&mut self) {
        // It may have ended by itself, which is what is wanted.
        let _ = self.child.kill().await;
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid().and_then(|pid| i32::try_from(pid).ok()) {
            // Without a process there is nothing to signal.
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }

    /// Tells it to end and waits for it.
    pub async fn stop(&mut self) -> Result<(), TestbedError> {
        self.signal(Signal::SIGTERM);
        match tokio::time::timeout(STOP, self.child.wait()).await {
            Ok(_) => Ok(()),
            Err(_) => Err(TestbedError::Silent { log: self.log() }),
        }
    }
}
