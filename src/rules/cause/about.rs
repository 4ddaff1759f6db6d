//! What a cause is looked for: which finding, and what kind of finding it is.

use crate::domain::dossier::{Dossier, Ended};
use crate::domain::finding::{Finding, Place, Severity};

/// The finding whose cause is told: the worst. Of several that are as bad, the step of the clean room that failed, for it is
/// what a function is refused for; but made-up results come before it, because what they stand for explains both.
pub(super) fn symptom<'a>(dossier: &Dossier, findings: &'a [Finding]) -> Option<&'a Finding> {
    let mut grave = findings
        .iter()
        .filter(|finding| finding.severity > Severity::Note || is_honest_end(finding));
    let worst = grave.next()?;
    if is_about_evidence(worst) {
        return Some(worst);
    }
    let Some((trial, _)) = dossier.seal.room.failed_step() else {
        return Some(worst);
    };
    let step = format!("{}-failed", trial.word());
    let of_the_step = grave.find(|finding| {
        finding.severity == worst.severity
            && (finding.rule == step || finding.rule == "not-checked")
    });
    Some(of_the_step.unwrap_or(worst))
}

/// Whether it is about results that were made up, or that could not be had: what was refused before is why.
pub(super) fn is_about_evidence(finding: &Finding) -> bool {
    const ABOUT: &[&str] = &["fixture-", "fabricated", "blocked", "only-errors"];
    ABOUT.iter().any(|about| finding.rule.starts_with(about))
}

/// Whether it says that the agent stopped where it had to.
pub(super) fn is_honest_end(finding: &Finding) -> bool {
    finding.rule == "blocked"
}

/// Whether it is about the function itself.
pub(super) fn is_of_the_code(finding: &Finding) -> bool {
    matches!(finding.place, Place::Function { .. }) || finding.rule == "unread-pages"
}

/// Whether a limit or the model's provider ended the work.
pub(super) fn was_cut_short(dossier: &Dossier) -> bool {
    matches!(
        dossier.seal.ended,
        Ended::Limit { .. } | Ended::ProviderFailed { .. }
    )
}
