//! What a warden is told and what it answers: one line of JSON each, over the socket that is its standard input. The
//! socket is its leash as well: when the other end is closed, the warden ends the program.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::isolation::Isolation;
use super::self_test::Tries;
use crate::domain::limits;
use crate::domain::program::Walled;

/// The hidden command of a warden.
pub const EXEC: &str = "sandbox-exec";

/// What is to be done inside.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Run a program.
    Program(Vec<String>),
    /// Run ourselves, to try the walls.
    Tries(Tries),
}

/// What a warden is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// What is to be done.
    pub task: Task,
    /// Where.
    pub cwd: PathBuf,
    /// What may be seen.
    pub walled: Walled,
    /// Wall time.
    pub seconds: u64,
    /// Which walls.
    pub isolation: Isolation,
}

/// What a warden says at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Report {
    /// The program ended; a signal is 128 and its number, as in a shell.
    Exited(i32),
    /// Its time was up.
    TimedOut,
    /// Whoever had asked for it is gone, or asked to stop.
    LetGo,
    /// It was never started.
    Refused(Refusal),
}

/// A step on the way into the walls that the kernel refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{step}: {why}")]
pub struct Refusal {
    /// What was to be done.
    pub step: String,
    /// What the kernel, or a crate that speaks to it, said.
    pub why: String,
}

/// Names the step that failed.
pub trait Step<T> {
    /// As in `mount(…).step("mount /proc")?`.
    fn step(self, step: impl Into<String>) -> Result<T, Refusal>;
}

impl<T, E: std::fmt::Display> Step<T> for Result<T, E> {
    fn step(self, step: impl Into<String>) -> Result<T, Refusal> {
        self.map_err(|error| Refusal {
            step: step.into(),
            why: error.to_string(),
        })
    }
}

/// Reads an order, and nothing beyond its line.
pub fn read(from: impl Read) -> io::Result<Order> {
    let mut line = String::new();
    BufReader::new(from.take(limits::ORDER_BYTES)).read_line(&mut line)?;
    serde_json::from_str(&line).map_err(io::Error::other)
}

/// Writes a report; nobody may be there to read it, and that is no error.
pub fn answer(mut to: impl Write, report: &Report) {
    if let Ok(mut line) = serde_json::to_vec(report) {
        line.push(b'\n');
        let _ = to.write_all(&line);
    }
}
