//! Processes of this machine, by what the kernel says of them.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// One process; its start tells it from a later one with the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub pid: u32,
    /// Its arguments, with blanks between them.
    pub command: String,
    start: u64,
    parent: u32,
}

impl Process {
    fn read(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, fields) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        // A zombie is only a number that its parent has not read yet.
        if matches!(fields[0], "Z" | "X") {
            return None;
        }
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some(Self {
            pid,
            command: String::from_utf8_lossy(&command)
                .replace('\0', " ")
                .trim()
                .to_owned(),
            start: fields.get(19)?.parse().ok()?,
            parent: fields.get(1)?.parse().ok()?,
        })
    }

    /// Whether its environment has this: `NAME=value`, or how it begins.
    fn has_variable(&self, wanted: &str) -> bool {
        std::fs::read(format!("/proc/{}/environ", self.pid))
            .is_ok_and(|environ| String::from_utf8_lossy(&environ).contains(wanted))
    }

    pub fn lives(&self) -> bool {
        Self::read(self.pid).is_some_and(|now| now.start == self.start)
    }

    /// Ends it, and nobody else.
    pub fn kill(&self) {
        if self.lives() {
            let _ = kill(Pid::from_raw(self.pid.cast_signed()), Signal::SIGKILL);
        }
    }
}

fn all() -> Vec<Process> {
    let entries = std::fs::read_dir("/proc").expect("the kernel's list");
    let pids = entries.flatten().filter_map(|entry| {
        let name = entry.file_name();
        name.to_str()?.parse::<u32>().ok()
    });
    pids.filter_map(Process::read).collect()
}

/// The `countersign serve` that works in this state folder.
pub fn server_of(state: &Path) -> Option<Process> {
    let wanted = format!("COUNTERSIGN_STATE_DIR={}\0", state.display());
    all()
        .into_iter()
        .find(|process| process.command.ends_with(" serve") && process.has_variable(&wanted))
}

/// The agent's server that keeps its things below this folder.
pub fn agent_server_of(home: &Path) -> Option<Process> {
    let wanted = format!("XDG_DATA_HOME={}/", home.display());
    all()
        .into_iter()
        .find(|process| process.command.contains(" serve --") && process.has_variable(&wanted))
}

/// Everything that a process started, and what that started.
pub fn below(pid: u32) -> Vec<Process> {
    let all = all();
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![pid];
    while let Some(parent) = parents.pop() {
        for process in all.iter().filter(|process| process.parent == parent) {
            parents.push(process.pid);
            found.push(process.clone());
        }
    }
    found
}

/// Waits a moment until all of them are gone; returns those that stay.
pub async fn survivors(mut processes: Vec<Process>) -> Vec<Process> {
    let began = Instant::now();
    loop {
        processes.retain(Process::lives);
        if processes.is_empty() || began.elapsed() > Duration::from_secs(20) {
            return processes;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
