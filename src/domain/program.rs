//! An external program as a value: what to run, what it may see, and how it ended. Who runs it is another matter.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::settings::Mode;

/// What a sandboxed program may see of the machine. Everything else is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walled {
    /// Folders that it may read and write.
    pub writable: Vec<PathBuf>,
    /// Folders and files that it may read and execute, besides the system's own (`/usr`, `/lib`, `/etc/ssl`, ...).
    pub readable: Vec<PathBuf>,
    /// The only TCP port of the host's loopback that it may reach.
    pub port: Option<u16>,
    /// Its whole environment.
    pub env: BTreeMap<String, String>,
}

/// A program to run inside walls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The program (an absolute path) and its arguments.
    pub argv: Vec<String>,
    /// Where it starts; must be inside `walled.writable`.
    pub cwd: PathBuf,
    /// What it may see.
    pub walled: Walled,
    /// Own time, without the waiting for a core, until it and all that it started is killed.
    pub seconds: u64,
}

/// Whether agents may work when the machine gives no walls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsandboxed {
    /// No walls, no work.
    #[default]
    Refused,
    /// The operator said `--allow-unsandboxed`; every report says so.
    Allowed,
}

/// What an agent's tools may do: the file `policy.json` next to a workspace. It lies outside of everything that the
/// agent can write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The agent's folder, as a real path. The policy covers it and nothing else.
    pub workspace: PathBuf,
    /// What its shell may see.
    #[serde(flatten)]
    pub walled: Walled,
    /// Hosts that its web tool may read documentation from.
    pub docs_hosts: Vec<String>,
    /// Own time of one shell command, without its waiting for a core.
    pub seconds: u64,
    /// What to do without walls.
    pub allow_unsandboxed: Unsandboxed,
    /// Whether they go down where that is allowed.
    #[serde(default)]
    pub mode: Mode,
}

impl Policy {
    /// Whether the agent works without walls although there are some.
    pub fn is_wild(&self) -> bool {
        (self.mode, self.allow_unsandboxed) == (Mode::Permissive, Unsandboxed::Allowed)
    }
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramEnd {
    /// The exit code; absent when it was killed.
    pub code: Option<i32>,
    /// Whether it was killed because its time was up.
    pub timed_out: bool,
    /// Standard output, cut at [`super::limits::PROGRAM_OUTPUT_BYTES`], invalid UTF-8 replaced.
    pub stdout: String,
    /// Standard error, likewise.
    pub stderr: String,
    /// Wall time.
    pub took_ms: u64,
}
