//! What a supervisor is told and what it answers: one line of JSON each, over the socket that is its standard input. The
//! socket is its leash as well: when the other end is closed, the supervisor ends the program.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::isolation::Isolation;
use super::self_test::SelfTest;
use crate::domain::limits;
use crate::domain::program::Walled;

/// The hidden command of a supervisor.
pub const EXEC: &str = "sandbox-exec";

/// What is to be done inside.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Run a program.
    Program(Vec<String>),
    /// Run ourselves, to try the walls.
    SelfTest(SelfTest),
}

/// What a supervisor is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SandboxRequest {
    /// What is to be done.
    pub task: Task,
    /// Where.
    pub cwd: PathBuf,
    /// What may be seen.
    pub walled: Walled,
    /// Of its own time: waiting for a core does not count.
    pub seconds: u64,
    /// Which walls.
    pub isolation: Isolation,
}

/// What a supervisor says at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxReport {
    /// The program ended; a signal is 128 and its number, as in a shell.
    Exited(i32),
    /// Its time was up.
    TimedOut,
    /// Whoever had asked for it is gone, or asked to stop.
    LetGo,
    /// It was never started.
    Refused(SandboxRefusal),
}

/// A step on the way into the walls that the kernel refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{step}: {why}")]
pub struct SandboxRefusal {
    /// What was to be done.
    pub step: String,
    /// What the kernel, or a crate that speaks to it, said.
    pub why: String,
}

/// Names the step that failed.
pub trait RefusedStep<T> {
    /// As in `mount(…).step("mount /proc")?`.
    fn step(self, step: impl Into<String>) -> Result<T, SandboxRefusal>;
}

impl<T, E: std::fmt::Display> RefusedStep<T> for Result<T, E> {
    fn step(self, step: impl Into<String>) -> Result<T, SandboxRefusal> {
        self.map_err(|error| SandboxRefusal {
            step: step.into(),
            why: error.to_string(),
        })
    }
}

/// Reads a request, and nothing beyond its line.
pub fn read(from: impl Read) -> io::Result<SandboxRequest> {
    let mut line = String::new();
    BufReader::new(from.take(limits::ORDER_BYTES)).read_line(&mut line)?;
    serde_json::from_str(&line).map_err(io::Error::other)
}

/// Writes a report; nobody may be there to read it, and that is no error.
pub fn answer(mut to: impl Write, report: &SandboxReport) {
    if let Ok(mut line) = serde_json::to_vec(report) {
        line.push(b'\n');
        let _ = to.write_all(&line);
    }
}
