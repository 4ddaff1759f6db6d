//! Whose recording a finding is about.

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::tape::Phase;
use crate::rules::judge::reading::paths;

/// Whose recording it is. What the agent left is conduct; what we recorded is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Left in the workspace.
    Agents,
    /// Made in the clean room.
    Ours,
}

impl Whose {
    /// In which phase its answers were received.
    pub fn phase(self) -> Phase {
        match self {
            Whose::Agents => Phase::Agent,
            Whose::Ours => Phase::CleanRoom,
        }
    }
    /// At the beginning of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Whose::Agents => "The agent's recording",
            Whose::Ours => "Our recording",
        }
    }
}

/// A finding about a recording.
pub(super) fn finding(
    dossier: &Dossier,
    whose: Whose,
    rule: &str,
    severity: Severity,
    confidence: Confidence,
    sentence: String,
    evidence: Vec<Exhibit>,
) -> Finding {
    let place = match whose {
        Whose::Agents => Place::Workspace {
            path: format!(
                "{}{}",
                paths::project(dossier),
                dossier.seal.spec.recording_path()
            ),
        },
        Whose::Ours => Place::Function { line: None },
    };
    Finding::new(rule, severity, confidence, place, sentence, evidence)
}
