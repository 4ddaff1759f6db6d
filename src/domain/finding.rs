//! What judging finds: a rule, how bad it is, where, one sentence, and the evidence.

use serde::{Deserialize, Serialize};

use super::tape::Phase;

/// How bad it is. Ordered: the worse is the greater.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// A person should look.
    Warn,
    /// The function is not committed.
    Block,
}

/// How a finding is known. Ordered: the surer is the greater.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// By a pattern that honest work may show, too.
    #[default]
    Suspected,
    /// By a chain of events.
    Inferred,
    /// We ran it.
    Reproduced,
    /// Bytes or values were compared, or a request is on the tape.
    Proven,
}

/// Where a finding points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "place", rename_all = "kebab-case")]
pub enum Place {
    /// A line of a file of the repository: a spec, a settings file. Counts from 1.
    Repository {
        /// From the repository's root.
        path: String,
        /// From 1.
        line: u32,
    },
    /// The function that was taken from the agent.
    Function {
        /// From 1, when a line is meant.
        line: Option<u32>,
    },
    /// A file of the workspace.
    Workspace {
        /// From the workspace's root.
        path: String,
    },
    /// A turn of the transcript.
    Turn {
        /// See [`super::transcript::Turn::number`].
        number: u32,
    },
    /// An exchange on the tape.
    Wire {
        /// See [`super::tape::Exchange::seq`].
        seq: u32,
    },
    /// The build as a whole.
    Build,
}

/// A piece of evidence, quoted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "exhibit", rename_all = "kebab-case")]
pub enum Exhibit {
    /// A unified diff of one path.
    Diff {
        /// From the workspace's root.
        path: String,
        /// The diff's text.
        unified: String,
    },
    /// A quotation from the transcript.
    Turn {
        /// The turn.
        number: u32,
        /// The tool, or `says`.
        tool: String,
        /// At most a few lines.
        quote: String,
    },
    /// A line of the tape.
    Wire {
        /// The exchange.
        seq: u32,
        /// Whose it is.
        phase: Phase,
        /// See [`super::tape::Exchange::line`].
        line: String,
        /// The beginning of the answer.
        answer: String,
    },
    /// What a program of the clean room said.
    Output {
        /// The step.
        step: String,
        /// The end of what it said.
        text: String,
    },
    /// Two values side by side.
    Claimed {
        /// What the agent's copy or report says.
        claimed: String,
        /// What was received or measured.
        received: String,
    },
}

/// A severity that a repository, or somebody who may, changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overruled {
    /// The rule's own.
    pub own: Severity,
    /// Why, in the words of the repository's settings or of whoever overruled it; absent where none is asked for.
    pub reason: Option<String>,
    /// Who overruled it by a command: a login. Absent where the settings did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's name, kebab-case: `fixture-not-recorded`.
    pub rule: String,
    /// How bad it is, after the repository's own severities and what people overruled.
    pub severity: Severity,
    /// How it is known. What was found before this was asked is suspected.
    #[serde(default)]
    pub confidence: Confidence,
    /// What it would be without those, when that is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overruled: Option<Overruled>,
    /// Where.
    pub place: Place,
    /// One sentence for a person, with a full stop. May quote untrusted text; reports escape it.
    pub sentence: String,
    /// In the order in which a person should read it.
    pub evidence: Vec<Exhibit>,
}

impl Finding {
    /// What `rule` found.
    pub fn new(
        rule: &str,
        severity: Severity,
        confidence: Confidence,
        place: Place,
        sentence: String,
        evidence: Vec<Exhibit>,
    ) -> Self {
        Self {
            rule: rule.to_owned(),
            severity,
            confidence,
            overruled: None,
            place,
            sentence,
            evidence,
        }
    }
}
