//! An external program as a value: what to run, what it may see, and how it ended. Who runs it is another matter.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

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
    /// Wall time until it and all that it started is killed.
    pub seconds: u64,
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
