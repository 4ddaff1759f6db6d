//! What this rule finds concerns the build as a whole.

use crate::domain::finding::{Exhibit, Finding, Place, Severity};

/// A finding about the build.
pub(super) fn finding(
    rule: &str,
    severity: Severity,
    sentence: String,
    evidence: Vec<Exhibit>,
) -> Finding {
    Finding::new(rule, severity, Place::Build, sentence, evidence)
}
