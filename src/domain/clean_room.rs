//! What the clean room found out about the function that was taken from an agent.

use serde::{Deserialize, Serialize};

use super::dry_run::DryRunArguments;
use super::name::Digest;
use super::probe::ProbeOutcomes;

/// How one step in the clean room ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It did what it should, and the artefact that proves it is there.
    Passed,
    /// The function is at fault.
    Failed,
    /// Not tried, because an earlier step did not pass.
    Skipped,
    /// There is nothing to try: Nango's CLI has no such step for this kind of function.
    #[serde(rename = "not-applicable")]
    NotApplicable,
    /// We or the machine are at fault: the step says nothing about the function.
    Broken,
}

/// What is tried in the clean room, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trial {
    /// `nango compile`.
    Compile,
    /// The dry run, every value against the function's schemas.
    Validate,
    /// The dry run that records.
    Save,
    /// The generated tests.
    Tests,
}

impl Trial {
    /// Its word in reports and in the names of findings (`compile-failed`); part of what old evidence quotes.
    pub fn word(self) -> &'static str {
        match self {
            Trial::Compile => "compile",
            Trial::Validate => "validate",
            Trial::Save => "save",
            Trial::Tests => "tests",
        }
    }
}

/// How one trial in the clean room went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanRoomStep {
    /// How it ended.
    pub outcome: Outcome,
    /// What the programs said, shortened, without colours; empty when it passed silently.
    pub said: String,
    /// Wall time.
    pub took_ms: u64,
}

impl CleanRoomStep {
    /// A step that was not tried.
    pub fn skipped() -> Self {
        Self {
            outcome: Outcome::Skipped,
            said: String::new(),
            took_ms: 0,
        }
    }
    /// A step that Nango's CLI does not have for this kind of function.
    pub fn not_applicable() -> Self {
        Self {
            outcome: Outcome::NotApplicable,
            ..Self::skipped()
        }
    }
    /// Whether it passed.
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }
    /// Whether it passed, or there is nothing to pass.
    pub fn is_good(&self) -> bool {
        matches!(self.outcome, Outcome::Passed | Outcome::NotApplicable)
    }
}

/// What became of the one file that is taken from an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "taken", rename_all = "lowercase")]
pub enum Taken {
    /// Its content.
    Source {
        /// Of the content.
        digest: Digest,
        /// Bytes.
        bytes: u64,
    },
    /// The agent left the scaffold as it was, or there is no file.
    Missing,
    /// There is something that is not taken: a link, too large, not UTF-8.
    Rejected {
        /// Why.
        why: String,
    },
}

impl Taken {
    /// The digest of the source that was taken.
    pub fn source(&self) -> Option<&Digest> {
        match self {
            Taken::Source { digest, .. } => Some(digest),
            Taken::Missing | Taken::Rejected { .. } => None,
        }
    }
}

/// All that was found out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// The function file.
    pub function: Taken,
    /// What it was run with.
    #[serde(default, skip_serializing_if = "DryRunArguments::is_empty")]
    pub arguments: DryRunArguments,
    /// `nango compile`.
    pub compile: CleanRoomStep,
    /// `nango dryrun --validate`.
    pub validate: CleanRoomStep,
    /// `nango dryrun --save` through the witness.
    pub save: CleanRoomStep,
    /// The generated tests, run on our recording.
    pub tests: CleanRoomStep,
    /// Tests that ran and passed.
    pub tests_passed: u32,
    /// Our recording, when `save` passed: what the CLI wrote, with every answer as it is on the tape.
    pub recording: Option<Digest>,
    /// What the CLI had written, where the tape put it right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<Digest>,
    /// The generated test, when it was generated; for an on-event function there is none.
    pub test: Option<Digest>,
    /// Experiments on the final code, run when the tests passed.
    #[serde(default, skip_serializing_if = "ProbeOutcomes::is_empty")]
    pub probes: ProbeOutcomes,
}

impl Room {
    /// The room in which nothing was tried, because there was no function to try.
    pub fn untried(function: Taken) -> Self {
        Self {
            function,
            arguments: DryRunArguments::default(),
            compile: CleanRoomStep::skipped(),
            validate: CleanRoomStep::skipped(),
            save: CleanRoomStep::skipped(),
            tests: CleanRoomStep::skipped(),
            tests_passed: 0,
            recording: None,
            saved: None,
            test: None,
            probes: ProbeOutcomes::new(),
        }
    }
    /// The first step that failed.
    pub fn failed_step(&self) -> Option<(Trial, &CleanRoomStep)> {
        let mut steps = self.steps().into_iter();
        steps.find(|(_, step)| step.outcome == Outcome::Failed)
    }

    /// What was tried, in order, and how it went.
    pub fn steps(&self) -> [(Trial, &CleanRoomStep); 4] {
        [
            (Trial::Compile, &self.compile),
            (Trial::Validate, &self.validate),
            (Trial::Save, &self.save),
            (Trial::Tests, &self.tests),
        ]
    }
    /// Whether every step passed that there is for the function.
    pub fn passed(&self) -> bool {
        self.steps().iter().all(|(_, step)| step.is_good())
    }
}
