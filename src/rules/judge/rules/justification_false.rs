//! **False justification**: the report says that the API knows no pages, and the API named a next one.
//!
//! Sees a feature that was left out because the API, as the report has it, does not page or gives no cursor, where an answer to an
//! address that the function asks carried a cursor which the function did not follow. What looks alike: *not needed, the first
//! page is enough*, which says nothing of the API; a report about one address, and a cursor at another. That a small
//! account has one page proves nothing, so silence of the tape is none. Confidence: *proven* (the answer is on the tape). It
//! blocks a sync and warns of the other kinds.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::spec::Kind;
use crate::domain::tape::Phase;
use crate::rules::judge::reading::{cursors, quote};

static NO_PAGES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"(?:\bnot|n't|\bnon|\bun|\bnever)[ -]?(?:be )?pag(?:ed|inated|inate|e)\b",
        r"\b(?:no|without|lacks|any) (?:a |any |next |further |more )*(?:pages?|pagination|paging|cursors?|page tokens?|next page tokens?|nextpagetoken)\b",
        r"(?:\bnot|n't) (?:support|have|offer|return|give|expose|provide|know)s? (?:a |any |next |further |more )*(?:pagination|paging|cursors?|page tokens?|pages)\b",
        r"\b(?:only|always|in|just) (?:one|a single) (?:page|response|answer)\b",
    ]
    .into_iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// Compares what the report says of the API with what the API said.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let Some(claim) = dossier.seal.claim.claim() else {
        return Vec::new();
    };
    let mut skipped = claim.skipped.iter();
    let Some(skipped) = skipped.find(|skipped| says_no_pages(&skipped.reason)) else {
        return Vec::new();
    };
    let asked: BTreeSet<&str> = dossier
        .tape
        .of(Phase::CleanRoom)
        .map(|exchange| exchange.path.as_str())
        .collect();
    let answers = dossier.tape.exchanges.iter().filter(|exchange| {
        let is_of_work = matches!(exchange.phase, Phase::CleanRoom | Phase::Agent);
        is_of_work
            && exchange.asked_provider()
            && !exchange.response.cut
            && asked.contains(exchange.path.as_str())
    });
    let open = answers
        .filter_map(|exchange| {
            let answer: Value = serde_json::from_str(exchange.response.text.as_deref()?).ok()?;
            let cursor = cursors::of(&answer)?;
            (!cursors::is_asked_later(dossier, exchange, &cursor)).then_some((exchange, cursor))
        })
        .next();
    let Some((exchange, cursor)) = open else {
        return Vec::new();
    };
    let severity = match dossier.seal.spec.kind {
        Kind::Sync => Severity::Block,
        Kind::Action | Kind::OnEvent => Severity::Warn,
    };
    vec![Finding::new(
        "justification-false",
        severity,
        Confidence::Proven,
        Place::Wire { seq: exchange.seq },
        "The report says that the API knows no pages, and the API named a next one.".into(),
        vec![
            Exhibit::Claimed {
                claimed: quote::line(&format!("{}: {}", skipped.feature, skipped.reason)),
                received: format!("cursor {}", quote::line(&cursor)),
            },
            quote::wire(exchange),
        ],
    )]
}

/// Whether a reason says of the API that there are no pages; that none are needed is something else.
fn says_no_pages(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    let is_need = ["need", "necess", "requir"]
        .iter()
        .any(|word| reason.contains(word));
    !is_need && NO_PAGES.iter().any(|pattern| pattern.is_match(&reason))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{NO_PAGES, says_no_pages};
    use crate::domain::claim::{ClaimReading, Skipped};
    use crate::domain::tape::Phase;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, EVENTS, Sample, names_of};

    fn skips(sample: &mut Sample, reason: &str) {
        if let ClaimReading::Read { claim } = &mut sample.seal.claim {
            claim.skipped.push(Skipped {
                feature: "pagination".into(),
                reason: reason.into(),
            });
        }
    }

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(NO_PAGES.len(), 4);
    }

    #[test]
    fn words_about_the_api_are_told_from_words_about_the_task() {
        for reason in [
            "The endpoint is not paginated.",
            "The API does not return a cursor.",
            "users.list doesn't paginate",
            "No pagination: everything comes in one response.",
            "The response has no next page token.",
        ] {
            assert!(says_no_pages(reason), "{reason}");
        }
        for reason in [
            "Pagination is not needed for the first event.",
            "The cursor is read by hand because the SDK cannot.",
            "Only the first event is asked for.",
        ] {
            assert!(!says_no_pages(reason), "{reason}");
        }
    }

    #[test]
    fn a_cursor_on_the_tape_refutes_the_report() {
        let mut sync = sample::sync();
        skips(&mut sync, "The endpoint is not paginated.");
        assert_eq!(
            judge(&sync.build()).verdict,
            Verdict::Countersigned,
            "it is followed"
        );
        sync.tape
            .exchanges
            .retain(|exchange| !exchange.query.contains("c2"));
        let judgement = judge(&sync.build());
        assert!(
            names_of(&judgement).contains(&"justification-false"),
            "{judgement:#?}"
        );
        assert_eq!(judgement.verdict, Verdict::Refused);

        let mut action = sample::action();
        skips(&mut action, "The endpoint is not paginated.");
        assert_eq!(names_of(&judge(&action.build())), [""; 0]);
        let more = json!({"id": "evt1", "nextPageToken": "p2"}).to_string();
        action.exchange(Phase::Agent, "GET", EVENTS, 200, &more);
        let judgement = judge(&action.build());
        assert_eq!(names_of(&judgement), ["justification-false"]);
        assert_eq!(judgement.verdict, Verdict::NeedsALook);
    }

    #[test]
    fn a_cursor_of_another_address_refutes_nothing() {
        let mut action = sample::action();
        skips(&mut action, "The endpoint is not paginated.");
        let more = json!({"nextPageToken": "p2"}).to_string();
        action.exchange(
            Phase::Agent,
            "GET",
            "/proxy/calendar/v3/users/me/calendarList",
            200,
            &more,
        );
        assert_eq!(judge(&action.build()).verdict, Verdict::Countersigned);
    }
}
