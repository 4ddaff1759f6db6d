//! What a run costs: processor time by who used it, and memory, read from `/proc` while it runs.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nix::sys::resource::{Usage, UsageWho, getrusage};
use serde_json::Value;

/// How often is looked.
const LOOK: Duration = Duration::from_millis(250);

/// Processor time, user and system together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu {
    /// Of the process itself.
    pub own: Duration,
    /// Of all that it started and that has ended.
    pub children: Duration,
}

/// How it stood at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample {
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// Countersign's own process; its children are clean rooms, tests of the whole, git.
    pub countersign: Cpu,
    /// The agent's server; its children are the agents' commands.
    pub agent: Cpu,
    /// The warm checker.
    pub checker: Duration,
    /// Memory of all processes, shared pages counted once.
    pub bytes: u64,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Metered {
    /// What it printed, as JSON.
    pub view: Value,
    /// What it said besides.
    pub said: String,
    /// Wall time.
    pub wall: Duration,
    /// How it stood, in order.
    pub samples: Vec<Sample>,
}

/// Runs a command that prints JSON, to its end.
pub async fn metered(command: &mut Command) -> std::io::Result<Metered> {
    let began = Instant::now();
    let said = tempfile::NamedTempFile::new()?;
    let out = tempfile::NamedTempFile::new()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out.reopen()?)
        .stderr(said.reopen()?)
        .spawn()?;
    let mut samples = Vec::new();
    while child.try_wait()?.is_none() {
        let pid = child.id();
        let looked = tokio::task::spawn_blocking(move || look(pid)).await;
        samples.push(looked.map_err(std::io::Error::other)?);
        tokio::time::sleep(LOOK).await;
    }
    let wall = began.elapsed();
    let read = |file: &tempfile::NamedTempFile| {
        let mut text = String::new();
        file.reopen()?.read_to_string(&mut text)?;
        Ok::<_, std::io::Error>(text)
    };
    Ok(Metered {
        view: serde_json::from_str(&read(&out)?).unwrap_or_default(),
        said: read(&said)?,
        wall,
        samples,
    })
}

/// Processor time of all children that have ended.
pub fn waited_for() -> std::io::Result<Duration> {
    getrusage(UsageWho::RUSAGE_CHILDREN)
        .map(|usage: Usage| duration(usage.user_time()) + duration(usage.system_time()))
        .map_err(std::io::Error::from)
}

fn duration(time: nix::sys::time::TimeVal) -> Duration {
    use nix::sys::time::TimeValLike as _;
    Duration::from_micros(u64::try_from(time.num_microseconds()).unwrap_or_default())
}

/// A process as `/proc` tells of it.
struct Process {
    parent: u32,
    cpu: Cpu,
}

fn look(root: u32) -> Sample {
    let all = processes();
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(parent) = tree.get(next).copied() {
        let children = all.iter().filter(|(_, process)| process.parent == parent);
        tree.extend(children.map(|(pid, _)| *pid));
        next += 1;
    }
    let cpu = |pid: u32| all.get(&pid).map(|process| process.cpu).unwrap_or_default();
    let agent = tree.iter().find(|pid| is_agent(**pid)).copied();
    let checkers = tree.iter().filter(|pid| is_checker(**pid));
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Sample {
        at_ms: i64::try_from(now.unwrap_or_default().as_millis()).unwrap_or_default(),
        countersign: cpu(root),
        agent: agent.map(cpu).unwrap_or_default(),
        checker: checkers.map(|pid| cpu(*pid).own).sum(),
        bytes: tree.iter().map(|pid| bytes(*pid)).sum(),
    }
}

fn processes() -> BTreeMap<u32, Process> {
    let tick = nix::unistd::sysconf(nix::unistd::SysconfVar::CLK_TCK);
    let tick = tick.ok().flatten().unwrap_or(100).unsigned_abs().max(1);
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let read = |pid: u32| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name may hold anything, brackets included.
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let field = |at: usize| fields.get(at)?.parse::<u64>().ok();
        let time = |at: usize| {
            Some(Duration::from_millis(
                (field(at)? + field(at + 1)?) * 1000 / tick,
            ))
        };
        let process = Process {
            parent: u32::try_from(field(1)?).ok()?,
            cpu: Cpu {
                own: time(11)?,
                children: time(13)?,
            },
        };
        Some((pid, process))
    };
    pids.filter_map(read).collect()
}

fn is_agent(pid: u32) -> bool {
    let words = command_line(pid);
    let mut words = words.split('\0');
    words.next().is_some_and(|word| word.contains("opencode")) && words.any(|word| word == "serve")
}

fn is_checker(pid: u32) -> bool {
    let words = command_line(pid);
    words.split('\0').any(|word| word.ends_with("checker.cjs"))
}

fn command_line(pid: u32) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).into_owned()
}

fn bytes(pid: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let kilobytes = rollup.lines().find_map(|line| {
        line.strip_prefix("Pss:")?
            .split_whitespace()
            .next()?
            .parse::<u64>()
            .ok()
    });
    kilobytes.unwrap_or_default() * 1024
}
