//! How the steps of the clean room ended, in words and as a type.

use crate::domain::clean_room::{CleanRoomStep, Outcome};
use crate::domain::limits;
use crate::domain::program::ProgramEnd;

/// What there is to say about a program that did not report.
pub(super) fn ending(end: &ProgramEnd) -> String {
    let how = match (end.timed_out, end.code) {
        (true, _) => format!("it was ended after {} s", end.took_ms / 1000),
        (false, Some(code)) => format!("its process ended with code {code}"),
        (false, None) => "its process was killed".to_owned(),
    };
    let said = [end.stdout.trim(), end.stderr.trim()].join("\n");
    format!("{how}\n{}", said.trim()).trim().to_owned()
}

/// A step with the end of what was said, without colours.
pub(super) fn step(outcome: Outcome, said: &str, took_ms: u64) -> CleanRoomStep {
    let plain = console::strip_ansi_codes(said).replace('\r', "");
    let plain = plain.trim();
    let mut from = plain.len().saturating_sub(limits::STEP_SAID_BYTES);
    while !plain.is_char_boundary(from) {
        from += 1;
    }
    CleanRoomStep {
        outcome,
        said: plain[from..].to_owned(),
        took_ms,
    }
}

/// What compiling and dry-running showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The real type check, bundling and definitions.
    pub compile: CleanRoomStep,
    /// The dry run: every value against the function's schemas.
    pub validate: CleanRoomStep,
    /// Whether the dry run left a recording.
    pub save: CleanRoomStep,
    /// The recording.
    pub recording: Option<Vec<u8>>,
    /// What the CLI had written, where the recording was put right.
    pub saved: Option<Vec<u8>>,
    /// The generated test, where the CLI makes one.
    pub test: Option<Vec<u8>>,
}

impl Tried {
    /// Nothing came of it after the compilation or the dry run.
    pub(super) fn none(compile: CleanRoomStep, validate: CleanRoomStep) -> Self {
        Self {
            compile,
            validate,
            save: CleanRoomStep::skipped(),
            recording: None,
            saved: None,
            test: None,
        }
    }

    /// The same with the recording put right.
    pub fn put_right(mut self, right: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Self {
        if let Some(saved) = self.recording.take() {
            let recording = right(saved.clone());
            self.saved = (recording != saved).then_some(saved);
            self.recording = Some(recording);
        }
        self
    }
}
