//! What breaks another function, and what only looks like it.

use std::collections::BTreeMap;

use super::*;
use crate::domain::clean_room::{CleanRoomStep, Outcome};
use crate::domain::module::Module;
use crate::domain::name::Digest;
use crate::domain::neighbour::{HeadRecording, NeighbourRoom, NotTried};
use crate::domain::probe::ProbeExtent;
use crate::domain::verdict::{Judgement, Verdict};
use crate::rules::judge::judge;
use crate::rules::judge::sample::{self, names_of};
use crate::rules::mend;

const HELPER: &str = "google-calendar/helpers/a.ts";
const OTHER: &str = "google-calendar/actions/other.ts";

fn step(outcome: Outcome) -> CleanRoomStep {
    CleanRoomStep {
        outcome,
        said: match outcome {
            Outcome::Failed => "AssertionError: expected 1 to deeply equal 2".into(),
            _ => String::new(),
        },
        took_ms: 1,
    }
}

fn room(compile: Outcome, tests: Outcome, probe: Option<ProbeOutcome>) -> NeighbourRoom {
    let probes = probe.map(|outcome| ("refused-calls".to_owned(), outcome));
    NeighbourRoom {
        compile: step(compile),
        tests: step(tests),
        probes: probes.into_iter().collect(),
    }
}

fn probe_failed() -> Option<ProbeOutcome> {
    Some(ProbeOutcome::Failed {
        extent: ProbeExtent::Whole,
        shown: "every call was answered with 500".into(),
    })
}

fn tried(with: NeighbourRoom, before: Option<NeighbourRoom>) -> NeighbourTrial {
    NeighbourTrial::Tried {
        recording: HeadRecording::There,
        with,
        before,
    }
}

/// A dossier in which a helper was changed, and these functions import it.
fn dossier(trials: Vec<(&str, NeighbourTrial)>) -> Dossier {
    let mut sample = sample::action();
    sample.function("import { a } from '../helpers/a.js';\nexport default createAction({});\n");
    let (before, after) = ("export const a = 1;\n", "export const a = 2;\n");
    sample.leave(HELPER, before);
    sample.seal.before = sample.seal.after.clone();
    sample.leave(HELPER, after);
    let former = Digest::of(before.as_bytes());
    sample.seal.modules.push(Module {
        path: HELPER.into(),
        content: Digest::of(after.as_bytes()),
        origin: Origin::Changed {
            former: former.clone(),
            used_by: trials.iter().map(|(path, _)| (*path).to_owned()).collect(),
        },
    });
    let neighbours = trials.into_iter().map(|(path, trial)| Neighbour {
        path: path.to_owned(),
        trial,
    });
    sample.seal.neighbours = neighbours.collect();
    sample.say(crate::domain::claim::ClaimStatus::Done, "It works.");
    sample.build().keeping(former, before.as_bytes())
}

fn judged(trial: NeighbourTrial) -> (Judgement, Dossier) {
    let dossier = dossier(vec![(OTHER, trial)]);
    (judge(&dossier), dossier)
}

/// The names of what is found by this rule, and what it says.
fn told(trial: NeighbourTrial) -> (Verdict, String) {
    let (judgement, _) = judged(trial);
    let ours = judgement.findings.iter();
    let ours = ours.filter(|one| FINDS.contains(&one.rule.as_str()));
    let said: Vec<String> = ours
        .map(|one| format!("{}: {}", one.rule, one.sentence))
        .collect();
    (judgement.verdict, said.join("\n"))
}

#[test]
fn what_passed_before_and_fails_with_the_change_blocks_and_goes_back_to_the_agent() {
    let passed = || room(Outcome::Passed, Outcome::Passed, Some(ProbeOutcome::Passed));
    for (with, words) in [
        (
            room(Outcome::Failed, Outcome::Skipped, None),
            "does not compile",
        ),
        (
            room(Outcome::Passed, Outcome::Failed, None),
            "does not pass its test",
        ),
        (
            room(Outcome::Passed, Outcome::Passed, probe_failed()),
            "fails 1 probe that it passes with the module as it stands at the head: When the API refuses every call",
        ),
    ] {
        let (judgement, dossier) = judged(tried(with, Some(passed())));
        assert_eq!(judgement.verdict, Verdict::Refused, "{judgement:#?}");
        assert_eq!(names_of(&judgement), ["breaks-neighbour", "helper-changed"]);
        let found = &judgement.findings[0];
        assert!(found.sentence.contains(words), "{}", found.sentence);
        assert!(found.sentence.starts_with(&format!(
            "{OTHER} imports {HELPER}, which the agent changed"
        )));
        assert_eq!(
            found.place,
            Place::Workspace {
                path: HELPER.into()
            }
        );
        let cause = judgement.cause.as_ref().expect("a cause");
        assert_eq!(
            cause.deed.as_deref(),
            Some(quote::head(&found.sentence).as_str())
        );
        let prompt = mend::next_round(&dossier, &judgement).expect("a second look");
        assert!(prompt.contains(&found.sentence), "{prompt}");
        // What a program said is told; what a probe sends is not.
        let is_shown = prompt.contains("expected 1 to deeply equal 2");
        assert_eq!(is_shown, !words.contains("probe"), "{prompt}");
        assert!(!prompt.contains("answered with 500"), "{prompt}");
    }
}

#[test]
fn what_failed_before_does_not_count() {
    for (with, before) in [
        (
            room(Outcome::Failed, Outcome::Skipped, None),
            room(Outcome::Failed, Outcome::Skipped, None),
        ),
        (
            room(Outcome::Passed, Outcome::Failed, None),
            room(Outcome::Skipped, Outcome::Failed, None),
        ),
        (
            room(Outcome::Passed, Outcome::Passed, probe_failed()),
            room(Outcome::Skipped, Outcome::Skipped, probe_failed()),
        ),
    ] {
        let (verdict, said) = told(tried(with, Some(before)));
        assert_eq!(verdict, Verdict::Countersigned, "{said}");
        assert!(said.starts_with("neighbour-failing: "), "{said}");
        assert!(said.contains("with the change and without it"), "{said}");
    }
}

#[test]
fn an_honest_change_is_a_note_with_the_names() {
    let good = room(Outcome::Passed, Outcome::Passed, Some(ProbeOutcome::Passed));
    let (verdict, said) = told(tried(good, None));
    assert_eq!(verdict, Verdict::Countersigned);
    assert_eq!(
        said,
        format!(
            "neighbours-hold: 1 function imports what the agent changed: {OTHER} compiles, passes its test and probes as before."
        )
    );
    let compiles = |recording| NeighbourTrial::Tried {
        recording,
        with: room(Outcome::Passed, Outcome::Skipped, None),
        before: None,
    };
    let (verdict, said) = told(compiles(HeadRecording::Missing));
    assert_eq!(verdict, Verdict::Countersigned);
    assert!(
        said.contains("(it has no recording) compiles and was not probed."),
        "{said}"
    );
    let (_, said) = told(compiles(HeadRecording::Unreadable));
    assert!(said.contains("its recording cannot be read"), "{said}");
}

#[test]
fn what_came_to_no_end_is_not_known_and_held_against_nobody() {
    let unknown = || ProbeOutcome::Unknown {
        why: "it took too long".into(),
    };
    let passed = room(Outcome::Passed, Outcome::Passed, None);
    let failed = || room(Outcome::Passed, Outcome::Failed, None);
    for trial in [
        NeighbourTrial::NotTried {
            why: NotTried::TooMany,
        },
        NeighbourTrial::NotTried {
            why: NotTried::NoTime,
        },
        NeighbourTrial::NotTried {
            why: NotTried::OtherKind,
        },
        tried(room(Outcome::Broken, Outcome::Skipped, None), None),
        tried(room(Outcome::Passed, Outcome::Broken, None), None),
        tried(
            room(Outcome::Passed, Outcome::Passed, Some(unknown())),
            None,
        ),
        // What it was before was not seen.
        tried(failed(), None),
        tried(
            failed(),
            Some(room(Outcome::Skipped, Outcome::Broken, None)),
        ),
        tried(
            room(Outcome::Passed, Outcome::Passed, probe_failed()),
            Some(room(Outcome::Skipped, Outcome::Skipped, Some(unknown()))),
        ),
        // There was nothing to change then.
        tried(
            room(Outcome::Passed, Outcome::Passed, probe_failed()),
            Some(room(
                Outcome::Skipped,
                Outcome::Skipped,
                Some(ProbeOutcome::NotApplicable {
                    why: "no list".into(),
                }),
            )),
        ),
    ] {
        let (verdict, said) = told(trial);
        assert_eq!(verdict, Verdict::Countersigned, "{said}");
        assert!(
            said.starts_with("neighbour-unknown: It is not known whether 1 function that imports"),
            "{said}"
        );
    }
    let (_, said) = told(tried(passed, None));
    assert!(said.starts_with("neighbours-hold"), "{said}");
}

#[test]
fn one_probe_of_several_that_is_new_is_enough() {
    let probes = |first: ProbeOutcome, second: ProbeOutcome| NeighbourRoom {
        probes: BTreeMap::from([
            ("refused-calls".into(), first),
            ("error-body".into(), second),
        ]),
        ..room(Outcome::Passed, Outcome::Passed, None)
    };
    let failed = || probe_failed().expect("an outcome");
    let (verdict, said) = told(tried(
        probes(failed(), failed()),
        Some(probes(failed(), ProbeOutcome::Passed)),
    ));
    assert_eq!(verdict, Verdict::Refused);
    assert!(said.contains("fails 1 probe that"), "{said}");
    assert!(
        said.contains("in the body of a 200") && !said.contains("refuses every call"),
        "{said}"
    );
}

#[test]
fn a_round_that_mended_only_a_module_is_a_round() {
    let failed = room(Outcome::Passed, Outcome::Failed, None);
    let before = room(Outcome::Skipped, Outcome::Passed, None);
    let (judgement, dossier) = judged(tried(failed, Some(before)));
    let mut seal = dossier.seal.clone();
    seal.rounds.push(mend::round_of(&dossier, &judgement));
    assert!(seal.rounds[0].is_as_in(&seal), "nothing is another");
    seal.modules[0].content = Digest::of(b"mended");
    assert!(!seal.rounds[0].is_as_in(&seal), "the module is another");
    // Evidence of before said nothing of modules.
    seal.rounds[0].modules = None;
    assert!(seal.rounds[0].is_as_in(&seal));
}
