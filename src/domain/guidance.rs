//! What an agent is told beside the spec: words of people who may write to the repository, and what was found in the
//! attempt before. It says what is wanted of a function and never what an agent may do.

use serde::{Deserialize, Serialize};

use super::finding::Severity;
use super::name::{Digest, InteractionKey};
use super::verdict::Verdict;

/// A person's words: the beginning, when they are longer than a limit. Untrusted text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// What is kept.
    pub text: String,
    /// Characters behind it that are left out.
    #[serde(default)]
    pub left_out: usize,
}

/// A hint as a command gives it; who gave it stands beside the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The interactions that it is about; all that are built when empty.
    pub about: Vec<InteractionKey>,
    /// At most [`super::limits::HINT_CHARS`].
    pub words: Words,
}

/// A hint as an agent gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenHint {
    /// Who gave it: a login.
    pub by: String,
    /// The comment that it stands in.
    pub comment: u64,
    /// At most [`super::limits::HINT_CHARS`].
    pub words: Words,
}

/// What somebody wrote at lines of a function, in the diff of a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Who: a login.
    pub by: String,
    /// The review comment.
    pub comment: u64,
    /// The line that it is below, from 1; absent when it is about the whole file.
    pub line: Option<u32>,
    /// How its lines read, at most [`super::limits::QUOTE_CHARS`]. Untrusted text of the head.
    pub quote: String,
    /// At most [`super::limits::REMARK_CHARS`].
    pub words: Words,
}

/// The remarks at one function, in the order in which they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remarks {
    /// The newest, at most [`super::limits::REMARKS`].
    pub said: Vec<Remark>,
    /// How many more there were.
    #[serde(default)]
    pub left_out: usize,
}

/// What a rule found in the attempt before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierFinding {
    /// The rule's name.
    pub rule: String,
    /// How bad it was.
    pub severity: Severity,
    /// What it said, at most [`super::limits::FOUND_CHARS`]; absent where it tells of what the agent did, since that is
    /// nothing to go on from. Untrusted text.
    pub says: Option<String>,
}

/// What was made of the attempt before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundBefore {
    /// Its evidence.
    pub dossier: Digest,
    /// Its verdict.
    pub verdict: Verdict,
    /// Warnings and what blocked, worst first, at most [`super::limits::FINDINGS_TOLD`].
    pub findings: Vec<EarlierFinding>,
    /// How many more there were.
    #[serde(default)]
    pub left_out: usize,
}

/// All that one agent is told beside its spec.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guidance {
    /// Hints in the order in which they were given, the newest, at most [`super::limits::HINTS`].
    #[serde(default)]
    pub hints: Vec<GivenHint>,
    /// How many older ones there were.
    #[serde(default)]
    pub hints_left_out: usize,
    /// Remarks at lines of the function.
    #[serde(default)]
    pub remarks: Remarks,
    /// The attempt before, when something was found in it.
    #[serde(default)]
    pub before: Option<FoundBefore>,
}

impl Remarks {
    /// Whether nobody said anything.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty() && self.left_out == 0
    }
}

impl Guidance {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.hints.is_empty() && self.remarks.is_empty() && self.before.is_none()
    }
    /// Whether a person gave this text, in a hint or a remark.
    pub fn was_said(&self, text: &str) -> bool {
        let hints = self.hints.iter().map(|hint| &hint.words);
        let remarks = self.remarks.said.iter().map(|remark| &remark.words);
        hints.chain(remarks).any(|words| words.text.contains(text))
    }
    /// Whether a finding of the attempt before tells this text.
    pub fn was_found(&self, text: &str) -> bool {
        let findings = self.before.iter().flat_map(|before| &before.findings);
        let mut told = findings.filter_map(|finding| finding.says.as_deref());
        told.any(|says| says.contains(text))
    }
}
