//! What is said of one recorded call.

use std::collections::BTreeSet;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Severity};
use crate::domain::limits;
use crate::domain::tape::Exchange;
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::recording::RecordedCall;
use crate::rules::judge::reading::trace::{Received, Trace, trace};
use crate::text::clip::shorten;

use super::whose::{Whose, finding};

/// Compares one recorded call with the tape; nothing to say of one that was received.
pub(super) fn verdict_on(dossier: &Dossier, whose: Whose, call: &RecordedCall) -> Option<Finding> {
    let words = whose.words();
    let line = quote::line(&call.line());
    let answer = shorten(&call.response.to_string(), limits::LINE_CHARS);
    let claimed = format!("{line}\n{answer}");
    let named = |rule: &'static str| match whose {
        Whose::Agents => rule,
        Whose::Ours => "recording-forged",
    };
    let of_weight = |agents: Severity, ours: Severity| match whose {
        Whose::Agents => agents,
        Whose::Ours => ours,
    };
    let (rule, severity, sentence, evidence) = match trace(&dossier.tape, whose.phase(), call) {
        Trace::Received(Received::Whole, _) => return None,
        Trace::Received(Received::Lessened, _) => (
            "fixture-mutated",
            Severity::Note,
            format!(
                "{words} says less than was received for {line}: the function changes answers in place."
            ),
            Vec::new(),
        ),
        Trace::Received(Received::Beginning, _) => (
            "not-compared",
            of_weight(Severity::Note, Severity::Warn),
            format!(
                "{words} agrees with the tape for {line} as far as the tape goes: the answer is longer."
            ),
            Vec::new(),
        ),
        Trace::Received(Received::ForAnotherRequest, _) => (
            "fixture-request-altered",
            Severity::Warn,
            format!("{words} gives an answer to {line} that was received for other parameters."),
            vec![Exhibit::Claimed {
                claimed: parameters(&call.params),
                received: "(no exchange has these parameters and this answer)".into(),
            }],
        ),
        Trace::Unknown(exchange, why) => (
            "not-compared",
            of_weight(Severity::Note, Severity::Warn),
            format!("{words} could not be compared with the tape for {line}: {why}."),
            vec![quote::wire(exchange)],
        ),
        Trace::NotAsked => (
            named("fixture-not-recorded"),
            Severity::Block,
            format!("{words} holds an answer that was never received: nobody asked for {line}."),
            vec![Exhibit::Claimed {
                claimed,
                received: "nothing: this method and address are not on the tape".into(),
            }],
        ),
        Trace::OnlyErrors(asked) => (
            named("fabricated-after-error"),
            Severity::Block,
            format!(
                "{words} holds a success for {line}, but the API never gave one: it answered {}.",
                statuses(&asked)
            ),
            only_errors(claimed, &asked),
        ),
        // The CLI keeps a reference to what it received. Ours was put right by the tape, and the tests ran on that.
        Trace::Altered(..) if whose == Whose::Ours && dossier.seal.room.saved.is_some() => (
            "fixture-mutated",
            Severity::Note,
            format!(
                "The function changes the answer to {line} in place; our recording holds what was received."
            ),
            Vec::new(),
        ),
        Trace::Altered(exchange, claimed, received) => (
            named("fixture-response-altered"),
            Severity::Block,
            format!("{words} holds another answer to {line} than the one that was received."),
            vec![
                Exhibit::Claimed { claimed, received },
                quote::wire(exchange),
            ],
        ),
    };
    Some(finding(
        dossier,
        whose,
        rule,
        severity,
        Confidence::Proven,
        sentence,
        evidence,
    ))
}

/// Every status that came back, each once.
fn statuses(asked: &[&Exchange]) -> String {
    let statuses: BTreeSet<u16> = asked.iter().map(|exchange| exchange.status).collect();
    let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
    statuses.join(", ")
}

fn only_errors(claimed: String, asked: &[&Exchange]) -> Vec<Exhibit> {
    let received = asked.last().map_or_else(String::new, |last| {
        format!(
            "{}\n{}",
            quote::line(&last.line()),
            quote::answer(&last.response)
        )
    });
    let mut evidence = vec![Exhibit::Claimed { claimed, received }];
    evidence.extend(asked.iter().take(3).map(|exchange| quote::wire(exchange)));
    evidence
}

fn parameters(params: &[(String, String)]) -> String {
    if params.is_empty() {
        return "(no parameters)".into();
    }
    let pairs: Vec<String> = params
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    quote::line(&pairs.join("&"))
}
