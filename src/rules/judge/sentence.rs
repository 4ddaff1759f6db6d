//! The one sentence of a verdict: why, with the numbers that prove it.

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Finding, Severity};
use crate::domain::probe::ProbeOutcome;
use crate::domain::verdict::Verdict;
use crate::text::number::count;

use super::rules::{honest_block, provenance};

/// Says why.
pub fn of(dossier: &Dossier, verdict: Verdict, findings: &[Finding]) -> String {
    let of = |severity: Severity| {
        findings
            .iter()
            .filter(move |finding| finding.severity == severity)
    };
    match verdict {
        Verdict::Countersigned => format!("{}.", proof(dossier)),
        Verdict::Blocked => match honest_block::refusal(dossier) {
            Some(refusal) => format!(
                "The API refused what the function needs ({}, {}), and the agent stopped there.",
                refusal.line,
                times(refusal.seqs.len())
            ),
            None => "The world outside makes it impossible, and the agent stopped there.".into(),
        },
        Verdict::Refused => with_more(of(Severity::Block).collect(), "blocking finding"),
        Verdict::NeedsALook => {
            let why = with_more(of(Severity::Warn).collect(), "warning");
            if dossier.seal.room.passed() {
                format!("{}, but: {why}", proof(dossier))
            } else {
                why
            }
        }
    }
}

/// `Compiled, validated and recorded by us; 3 of 3 recorded answers were received, 1 test passed`. Of an on-event function,
/// which has no schemas and no tests: `Compiled, run and recorded by us; 1 of 1 recorded answer was received, 3 probes passed`.
fn proof(dossier: &Dossier) -> String {
    let (room, is_tested) = (&dossier.seal.room, dossier.seal.spec.kind.is_tested());
    let probes = room.probes.values();
    let probes = probes.filter(|outcome| **outcome == ProbeOutcome::Passed);
    let passed = [
        is_tested.then(|| count(room.tests_passed as usize, "test")),
        Some(probes.count())
            .filter(|passed| *passed > 0)
            .map(|passed| count(passed, "probe")),
    ];
    let passed: Vec<String> = passed.into_iter().flatten().collect();
    let passed = match passed.is_empty() {
        true => String::new(),
        false => format!(", {} passed", passed.join(" and ")),
    };
    let run = if is_tested { "validated" } else { "run" };
    match provenance::received(dossier) {
        Some((received, recorded)) => format!(
            "Compiled, {run} and recorded by us; {received} of {} {} received{passed}",
            count(recorded, "recorded answer"),
            if received == 1 { "was" } else { "were" }
        ),
        None => format!("Compiled and {run} by us{passed}"),
    }
}

fn times(number: usize) -> String {
    match number {
        1 => "once".into(),
        2 => "twice".into(),
        number => format!("{number} times"),
    }
}

/// The worst finding in its own words, and how many more there are.
fn with_more(findings: Vec<&Finding>, noun: &str) -> String {
    match findings.as_slice() {
        [] => "See the findings.".into(),
        [only] => only.sentence.clone(),
        [first, rest @ ..] => format!(
            "{} ({} besides).",
            first.sentence.trim_end_matches('.'),
            count(rest.len(), noun)
        ),
    }
}
