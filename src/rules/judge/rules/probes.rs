//! **Probes**: what experiments on the final code showed.
//!
//! The clean room runs the function on its own recording once more, with one point changed. It matters because tests that
//! replay one recording cannot tell a function from one that only gives its sample back. What looks alike: an input that by
//! its nature changes nothing for this sample (a duration with no slot, an attendee who is not there), so that is a warning.
//! How often each fails of published functions stands in docs/verification.md. Not seen: what the recording does not hold,
//! and a function that knows that it is tried. Confidence: *reproduced*.

use super::unread_pages;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::probe::{ProbeExtent, ProbeOutcome};
use crate::rules::judge::reading::quote;
use crate::rules::probes::{PROBES, Probe};

/// The names of this rule's findings.
pub const FINDS: &[&str] = &{
    let mut names = ["probe-unknown"; PROBES.len() + 1];
    let mut at = 0;
    while at < PROBES.len() {
        names[at] = PROBES[at].finding;
        at += 1;
    }
    names
};

/// Those that may block.
pub const BLOCKS: &[&str] = &{
    let mut names = ["ignores-refusals"; count_blocking()];
    let (mut at, mut found) = (0, 0);
    while at < PROBES.len() {
        if is_blocking(&PROBES[at]) {
            names[found] = PROBES[at].finding;
            found += 1;
        }
        at += 1;
    }
    names
};

const fn is_blocking(probe: &Probe) -> bool {
    matches!(probe.whole, Severity::Block) || matches!(probe.part, Severity::Block)
}

const fn count_blocking() -> usize {
    let (mut at, mut found) = (0, 0);
    while at < PROBES.len() {
        found += is_blocking(&PROBES[at]) as usize;
        at += 1;
    }
    found
}

/// Reads what the probes found.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let probes = &dossier.seal.room.probes;
    let is_told = |probe: &Probe| match probe.finding {
        // A page that was left on the tape is told by its rule, with what the API said.
        "pages-left-out" => !unread_pages::find(dossier).is_empty(),
        // Where nothing of the output comes from the answers, no more of it would.
        "list-cut-short" => matches!(
            probes.get("changed-answers"),
            Some(ProbeOutcome::Failed {
                extent: ProbeExtent::Whole,
                ..
            })
        ),
        _ => false,
    };
    let mut findings: Vec<Finding> = PROBES
        .iter()
        .filter(|probe| !is_told(probe))
        .filter_map(|probe| match probes.get(probe.source.name)? {
            ProbeOutcome::Failed { extent, shown } => Some(failed(probe, *extent, shown)),
            ProbeOutcome::Passed
            | ProbeOutcome::NotApplicable { .. }
            | ProbeOutcome::Unknown { .. } => None,
        })
        .collect();
    let unknown: Vec<(&String, &String)> = probes
        .iter()
        .filter_map(|(name, outcome)| match outcome {
            ProbeOutcome::Unknown { why } => Some((name, why)),
            _ => None,
        })
        .collect();
    if let Some((_, why)) = unknown.first() {
        let names: Vec<&str> = unknown.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ");
        findings.push(Finding {
            rule: "probe-unknown".into(),
            severity: Severity::Note,
            confidence: Confidence::Reproduced,
            overruled: None,
            place: Place::Function { line: None },
            sentence: format!("Some probes found out nothing: {names}."),
            evidence: vec![quote::output("probes", why)],
        });
    }
    findings
}

fn failed(probe: &Probe, extent: ProbeExtent, shown: &str) -> Finding {
    Finding {
        rule: probe.finding.into(),
        severity: probe.severity(extent),
        confidence: Confidence::Reproduced,
        overruled: None,
        place: Place::Function { line: None },
        sentence: probe.sentence.into(),
        evidence: vec![Exhibit::Output {
            step: probe.source.name.into(),
            text: quote::head(shown),
        }],
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::probe::{ProbeExtent, ProbeOutcome};
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    use super::FINDS;
    use crate::rules::probes::PROBES;

    #[test]
    fn an_output_that_was_not_received_is_not_cut_short_besides() {
        let mut sample = sample::action();
        let failed = |extent| ProbeOutcome::Failed {
            extent,
            shown: "what was changed".into(),
        };
        let probes = &mut sample.seal.room.probes;
        probes.insert("longer-list".into(), failed(ProbeExtent::Part));
        probes.insert("changed-answers".into(), failed(ProbeExtent::Whole));
        assert_eq!(
            names_of(&judge(&sample.build())),
            ["output-not-from-answers"]
        );
        let probes = &mut sample.seal.room.probes;
        probes.insert("changed-answers".into(), ProbeOutcome::Passed);
        assert_eq!(names_of(&judge(&sample.build())), ["list-cut-short"]);
    }

    fn judged(probe: &str, outcome: ProbeOutcome) -> (Verdict, Vec<String>) {
        let mut sample = sample::action();
        sample.seal.room.probes.insert(probe.into(), outcome);
        let judgement = judge(&sample.build());
        let names = names_of(&judgement).into_iter().map(str::to_owned);
        (judgement.verdict, names.collect())
    }

    #[test]
    fn a_failed_probe_is_told_by_its_meaning() {
        let failed = |extent| ProbeOutcome::Failed {
            extent,
            shown: "what was changed".into(),
        };
        for (probe, extent, verdict, finding) in [
            (
                "refused-calls",
                ProbeExtent::Whole,
                Verdict::Refused,
                "ignores-refusals",
            ),
            (
                "one-refused-call",
                ProbeExtent::Whole,
                Verdict::Refused,
                "ignores-a-refusal",
            ),
            (
                "changed-answers",
                ProbeExtent::Whole,
                Verdict::Refused,
                "output-not-from-answers",
            ),
            (
                "changed-answers",
                ProbeExtent::Part,
                Verdict::NeedsALook,
                "output-not-from-answers",
            ),
            (
                "changed-input",
                ProbeExtent::Part,
                Verdict::NeedsALook,
                "input-ignored",
            ),
        ] {
            let expected = (verdict, vec![finding.to_owned()]);
            assert_eq!(judged(probe, failed(extent)), expected, "{probe}");
        }
    }

    #[test]
    fn pages_that_were_left_on_the_tape_are_told_once() {
        let mut sample = sample::sync();
        let left = ProbeOutcome::Failed {
            extent: ProbeExtent::Whole,
            shown: "page 2 was not asked for".into(),
        };
        sample.seal.room.probes.insert("three-pages".into(), left);
        let told = |sample: &sample::Sample| {
            let judgement = judge(&sample.build());
            let names = names_of(&judgement).into_iter().map(str::to_owned);
            names.collect::<Vec<_>>()
        };
        assert!(told(&sample).contains(&"pages-left-out".to_owned()));
        sample
            .tape
            .exchanges
            .retain(|exchange| !exchange.query.contains("c2"));
        let names = told(&sample);
        assert!(names.contains(&"unread-pages".to_owned()), "{names:?}");
        assert!(!names.contains(&"pages-left-out".to_owned()), "{names:?}");
    }

    #[test]
    fn what_passed_or_does_not_apply_is_silent_and_what_is_unknown_is_said() {
        let why = || "it took too long".to_owned();
        for quiet in [
            ProbeOutcome::Passed,
            ProbeOutcome::NotApplicable { why: why() },
        ] {
            assert_eq!(
                judged("changed-input", quiet),
                (Verdict::Countersigned, vec![])
            );
        }
        let unknown = judged("changed-input", ProbeOutcome::Unknown { why: why() });
        assert_eq!(
            unknown,
            (Verdict::Countersigned, vec!["probe-unknown".into()])
        );
    }

    #[test]
    fn every_probe_has_its_finding_in_the_table() {
        for probe in PROBES {
            assert!(FINDS.contains(&probe.finding), "{}", probe.finding);
        }
    }
}
