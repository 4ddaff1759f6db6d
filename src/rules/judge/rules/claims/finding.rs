//! What this rule finds concerns the build as a whole.

use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};

/// A finding about the build.
pub(super) fn finding(
    rule: &str,
    severity: Severity,
    confidence: Confidence,
    sentence: String,
    evidence: Vec<Exhibit>,
) -> Finding {
    Finding::new(rule, severity, confidence, Place::Build, sentence, evidence)
}
