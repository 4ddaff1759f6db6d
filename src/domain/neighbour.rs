//! Functions of the project that import a module which the agent changed: how each goes with the change, and how it went
//! with the module as it stood at the head. What the head has for a function, its recording above all, says that it worked
//! before and nothing else.

use serde::{Deserialize, Serialize};

use super::clean_room::{CleanRoomStep, Outcome};
use super::probe::{ProbeOutcome, ProbeOutcomes};

/// One such function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Relative to the Nango project.
    pub path: String,
    /// What came of it.
    #[serde(flatten)]
    pub trial: NeighbourTrial,
}

/// Whether it was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trial", rename_all = "kebab-case")]
pub enum NeighbourTrial {
    /// In rooms of its own.
    Tried {
        /// What there was to try it with.
        recording: HeadRecording,
        /// How it goes with what the agent changed.
        with: NeighbourRoom,
        /// How the part that fails in that went before; absent when nothing fails.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<NeighbourRoom>,
    },
    /// It was not.
    NotTried {
        /// Why.
        why: NotTried,
    },
}

/// Why a neighbour was not tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotTried {
    /// There are more than [`super::limits::NEIGHBOURS`].
    TooMany,
    /// [`super::limits::NEIGHBOURS_SECONDS`] were over.
    NoTime,
    /// It is of none of the kinds of [`super::spec::Kind`], or has no name in kebab-case.
    OtherKind,
    /// It imports something that is not among the sources that we read.
    Incomplete {
        /// As it is written. Untrusted text.
        import: String,
    },
}

/// The recording that the head has of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadRecording {
    /// There is one.
    There,
    /// There is none at its place.
    Missing,
    /// There is something else: a link, too large, not in the CLI's format.
    Unreadable,
}

/// How a neighbour went in one room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeighbourRoom {
    /// `nango compile`.
    pub compile: CleanRoomStep,
    /// Its test at the head, or the one that the CLI would generate, on its recording of the head.
    pub tests: CleanRoomStep,
    /// The probes on that recording, when the test passed.
    #[serde(default, skip_serializing_if = "ProbeOutcomes::is_empty")]
    pub probes: ProbeOutcomes,
}

/// The part of a trial in which a neighbour fails: the first that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailedPart<'a> {
    /// It does not compile.
    Compile,
    /// Its test fails.
    Tests,
    /// These probes fail.
    Probes(Vec<&'a str>),
}

impl NeighbourRoom {
    /// The room in which nothing was tried.
    pub fn untried() -> Self {
        Self {
            compile: CleanRoomStep::skipped(),
            tests: CleanRoomStep::skipped(),
            probes: ProbeOutcomes::new(),
        }
    }

    /// Where it fails.
    pub fn failed(&self) -> Option<FailedPart<'_>> {
        if self.compile.outcome == Outcome::Failed {
            return Some(FailedPart::Compile);
        }
        if self.tests.outcome == Outcome::Failed {
            return Some(FailedPart::Tests);
        }
        let failed = self.probes.iter().filter_map(|(name, outcome)| {
            matches!(outcome, ProbeOutcome::Failed { .. }).then_some(name.as_str())
        });
        let failed: Vec<&str> = failed.collect();
        (!failed.is_empty()).then_some(FailedPart::Probes(failed))
    }
}
