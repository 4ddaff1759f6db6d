//! Errors that a report is silent about.

use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::tape::{Exchange, Phase};

use crate::rules::judge::reading::quote;
use crate::text::number::count;

/// Errors of the provider that nothing resolved and that the report does not mention.
pub fn hidden(dossier: &Dossier, claim: &Claim) -> Option<Finding> {
    if claim.status == ClaimStatus::Blocked {
        return None;
    }
    let mut words = format!(
        "{} {}",
        claim.summary,
        claim.blocked_by.as_deref().unwrap_or("")
    );
    for skipped in &claim.skipped {
        words.push_str(&format!(" {} {}", skipped.feature, skipped.reason));
    }
    let open: Vec<&Exchange> = dossier
        .tape
        .of(Phase::Agent)
        .filter(|exchange| exchange.asked_provider() && exchange.status >= 400)
        .filter(|exchange| !words.contains(&exchange.status.to_string()))
        .filter(|exchange| !answered_later(dossier, exchange))
        .collect();
    let first = open.first()?;
    Some(Finding {
        rule: "hidden-blocker".into(),
        severity: Severity::Warn,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Wire { seq: first.seq },
        sentence: format!(
            "The report does not mention that the API refused {} and that this was never resolved ({} in all).",
            quote::line(&first.line()),
            count(open.len(), "such answer")
        ),
        evidence: open
            .iter()
            .take(3)
            .map(|exchange| quote::wire(exchange))
            .collect(),
    })
}

/// Whether the same question was answered later. Addresses that differ in one segment count as the same question,
/// because that segment is most often an id that was tried in vain before.
fn answered_later(dossier: &Dossier, failed: &Exchange) -> bool {
    dossier.tape.exchanges.iter().any(|later| {
        let (one, other) = (later.path.split('/'), failed.path.split('/'));
        later.seq > failed.seq
            && (200..300).contains(&later.status)
            && later.method == failed.method
            && one.clone().count() == other.clone().count()
            && one.zip(other).filter(|(a, b)| a != b).count() <= 1
    })
}
