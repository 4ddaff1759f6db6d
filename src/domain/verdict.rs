//! Verdicts, and the tokens that keep the order honest: only a verdict makes an [`Accepted`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cause::RootCause;
use super::finding::Finding;
use super::name::{Digest, InteractionKey};
use super::settings::Commit;
use super::spec::Spec;
use super::unproven::Unproven;

/// What is said of one build. Ordered: the worse is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything was checked and holds.
    Countersigned,
    /// There are warnings, or something could not be checked.
    NeedsALook,
    /// The world outside makes it impossible, and the agent said so.
    Blocked,
    /// There are blocking findings.
    Refused,
}

impl Verdict {
    /// For a person: `countersigned`, `needs a look`, `blocked`, `refused`.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Countersigned => "countersigned",
            Verdict::NeedsALook => "needs a look",
            Verdict::Blocked => "blocked",
            Verdict::Refused => "refused",
        }
    }
}

/// A dossier and what was made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The dossier that was judged.
    pub dossier: Digest,
    /// The interaction.
    pub interaction: InteractionKey,
    /// The verdict.
    pub verdict: Verdict,
    /// One sentence: why this verdict.
    pub sentence: String,
    /// Worst first.
    pub findings: Vec<Finding>,
    /// Why, when it is not countersigned. Judgements of before this was asked have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<RootCause>,
    /// What the verdict does not vouch for, when it is a good one. Judgements of before there was such a thing have none.
    /// Boxed, because a judgement is one of the states of a row.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub unproven: Box<[Unproven]>,
}

fn is_nothing(open: &[Unproven]) -> bool {
    open.is_empty()
}

/// Leave to put one function into the project. Made only by [`Judgement::accept`].
#[derive(Debug, Clone)]
pub struct Accepted {
    spec: Spec,
    dossier: Digest,
}

impl Judgement {
    /// The same, said of something that earlier rules had countersigned.
    pub fn after_countersigned(self) -> Self {
        let sentence = format!(
            "It was countersigned before; judged again by the rules of today it {}. {}",
            match self.verdict {
                Verdict::Countersigned => "still is",
                Verdict::NeedsALook => "needs a look",
                Verdict::Blocked => "is blocked",
                Verdict::Refused => "is refused",
            },
            self.sentence
        );
        Self { sentence, ..self }
    }

    /// Leave to assemble the function, when the verdict and the repository's settings give it.
    pub fn accept(&self, spec: &Spec, commit: Commit) -> Option<Accepted> {
        let accepted = match (self.verdict, commit) {
            (Verdict::Countersigned, _) | (Verdict::NeedsALook, Commit::NeedsALook) => true,
            (Verdict::NeedsALook, Commit::Countersigned)
            | (Verdict::Blocked | Verdict::Refused, _) => false,
        };
        (accepted && spec.key == self.interaction).then(|| Accepted {
            spec: spec.clone(),
            dossier: self.dossier.clone(),
        })
    }
}

impl Accepted {
    /// What was asked for.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }
    /// The dossier that holds the function.
    pub fn dossier(&self) -> &Digest {
        &self.dossier
    }
}

/// The files of one accepted function, paths relative to the Nango project.
#[derive(Debug, Clone)]
pub struct Parts {
    /// What gave leave.
    pub accepted: Accepted,
    /// The function's source.
    pub source: Vec<u8>,
    /// What stands in the project to test it; nothing for a kind that the CLI makes no test for.
    pub tested: Option<Tested>,
    /// Modules that its agent wrote or changed, by path.
    pub modules: BTreeMap<String, Vec<u8>>,
}

/// The test of a function, and what it runs on.
#[derive(Debug, Clone)]
pub struct Tested {
    /// Our recording.
    pub recording: Vec<u8>,
    /// The generated test.
    pub test: Vec<u8>,
}
