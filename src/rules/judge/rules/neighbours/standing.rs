//! How a neighbour stands, by what was seen of it with the change and before.

use crate::domain::clean_room::{Outcome, Trial};
use crate::domain::neighbour::{FailedPart, HeadRecording, NeighbourRoom, NeighbourTrial};
use crate::domain::probe::ProbeOutcome;
use crate::rules::judge::reading::quote;

use super::words::{name, not_tried};

/// How one of them stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing<'a> {
    /// Nothing of it fails.
    Holds,
    /// The same, but for what needs a recording.
    Compiles(HeadRecording),
    /// It fails with the change, and did not before.
    Breaks(FailedPart<'a>),
    /// It failed before as well.
    Failing(FailedPart<'a>),
    /// Nobody knows, with why.
    Unknown(String),
}

impl<'a> Standing<'a> {
    /// Of a trial.
    pub(super) fn of(trial: &'a NeighbourTrial) -> Self {
        let (recording, with, before) = match trial {
            NeighbourTrial::NotTried { why } => return Standing::Unknown(not_tried(why)),
            NeighbourTrial::Tried {
                recording,
                with,
                before,
            } => (*recording, with, before.as_ref()),
        };
        match with.failed() {
            Some(part) => compared(part, before),
            None => match unseen(with) {
                Some(why) => Standing::Unknown(why),
                None if recording == HeadRecording::There => Standing::Holds,
                None => Standing::Compiles(recording),
            },
        }
    }
}

/// Whether the part that fails failed before.
fn compared<'a>(part: FailedPart<'a>, before: Option<&NeighbourRoom>) -> Standing<'a> {
    let Some(before) = before else {
        return unseen_before(&part);
    };
    match &part {
        FailedPart::Compile => by_step(part, before.compile.outcome),
        FailedPart::Tests => by_step(part, before.tests.outcome),
        FailedPart::Probes(failed) => {
            let went = |name: &str| before.probes.get(name);
            let passed = |name: &&str| went(name) == Some(&ProbeOutcome::Passed);
            let new: Vec<&str> = failed.iter().copied().filter(passed).collect();
            let mut all = failed.iter();
            if !new.is_empty() {
                Standing::Breaks(FailedPart::Probes(new))
            } else if all.all(|name| matches!(went(name), Some(ProbeOutcome::Failed { .. }))) {
                Standing::Failing(part)
            } else {
                unseen_before(&part)
            }
        }
    }
}

fn by_step(part: FailedPart<'_>, before: Outcome) -> Standing<'_> {
    match before {
        Outcome::Passed => Standing::Breaks(part),
        Outcome::Failed => Standing::Failing(part),
        Outcome::Skipped | Outcome::NotApplicable | Outcome::Broken => unseen_before(&part),
    }
}

fn unseen_before(part: &FailedPart<'_>) -> Standing<'static> {
    Standing::Unknown(format!(
        "it {} with the change, and how it went before was not seen",
        name(part)
    ))
}

/// What of a room in which nothing fails came to no end.
fn unseen(room: &NeighbourRoom) -> Option<String> {
    for (trial, step) in [(Trial::Compile, &room.compile), (Trial::Tests, &room.tests)] {
        if step.outcome == Outcome::Broken {
            return Some(format!("{}: {}", trial.word(), quote::line(&step.said)));
        }
    }
    room.probes.values().find_map(|outcome| match outcome {
        ProbeOutcome::Unknown { why } => Some(format!("probes: {}", quote::line(why))),
        _ => None,
    })
}
