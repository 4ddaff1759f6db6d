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

/// `Compiled, validated and recorded by us; 3 of 3 recorded answers were received, 1 test passed`.
fn proof(dossier: &Dossier) -> String {
    let mut tests = count(dossier.seal.room.tests_passed as usize, "test");
    let probes = dossier.seal.room.probes.values();
    let probes = probes.filter(|outcome| **outcome == ProbeOutcome::Passed);
    match probes.count() {
        0 => {}
        passed => tests += &format!(" and {}", count(passed, "probe")),
    }
    match provenance::received(dossier) {
        Some((received, recorded)) => format!(
            "Compiled, validated and recorded by us; {received} of {} {} received, {tests} passed",
            count(recorded, "recorded answer"),
            if received == 1 { "was" } else { "were" }
        ),
        None => format!("Compiled and validated by us, {tests} passed"),
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
