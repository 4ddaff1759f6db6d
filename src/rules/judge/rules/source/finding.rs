//! What is found in a source, in words.

use std::collections::BTreeSet;

use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::rules::judge::reading::quote;

/// A pattern at a line, for a person to look at.
pub(super) fn suspected(rule: &str, line: u32, sentence: impl Into<String>) -> Finding {
    at(rule, Severity::Warn, Confidence::Suspected, line, sentence)
}

/// Something worth knowing.
pub(super) fn noted(rule: &str, line: u32, sentence: impl Into<String>) -> Finding {
    at(rule, Severity::Note, Confidence::Suspected, line, sentence)
}

/// Anything at a line.
pub(super) fn at(
    rule: &str,
    severity: Severity,
    confidence: Confidence,
    line: u32,
    sentence: impl Into<String>,
) -> Finding {
    let place = Place::Function { line: Some(line) };
    Finding::new(
        rule,
        severity,
        confidence,
        place,
        sentence.into(),
        Vec::new(),
    )
}

/// The same with the text that it is about.
pub(super) fn showing(finding: Finding, text: &str) -> Finding {
    let text = quote::head(text);
    let shown = Exhibit::Output {
        step: "source".into(),
        text,
    };
    Finding {
        evidence: vec![shown],
        ..finding
    }
}

/// The first finding of each sentence and of each line.
pub(super) fn once(mut findings: Vec<Finding>) -> Vec<Finding> {
    let (mut said, mut places) = (BTreeSet::new(), BTreeSet::new());
    findings.retain(|finding| {
        let Place::Function { line } = finding.place else {
            return true;
        };
        let is_new = !places.contains(&line) && !said.contains(&finding.sentence);
        places.insert(line);
        said.insert(finding.sentence.clone());
        is_new
    });
    findings
}
