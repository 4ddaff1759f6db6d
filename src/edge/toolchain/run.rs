//! Runs one of the programs that install or look: with a time limit, and with none of our secrets in its environment.

use std::process::Command;
use std::time::Duration;

use crate::domain::limits;
use crate::os::child::{self, Finished, Unfinished};

/// Variables that are ours begin so.
const OURS: [&str; 3] = ["COUNTERSIGN_", "NANGO_", "DATABASE_URL"];

/// Runs `command` for at most `seconds`.
pub(super) fn run(mut command: Command, seconds: u64) -> Result<Finished, Unfinished> {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if OURS.iter().any(|own| text.starts_with(own)) {
            command.env_remove(&name);
        }
    }
    let limit = Duration::from_secs(seconds);
    child::run(command, limit, limits::PROGRAM_OUTPUT_BYTES)
}
