//! **Reruns**: what the clean room found when it ran the function without the agent.
//!
//! Sees a function that is missing or was not taken, a step that failed (compile, validate, save, tests), no test that
//! ran, no recording; and says so when a step tells nothing because we or the machine were at fault. It matters because
//! it is the only proof that the function works: green programs in the agent's own folder prove almost nothing. What
//! looks alike: after an honest block there may be no function, and its dry run fails for the very reason that was
//! reported; that is a note. A dry run that fails because we know less than the agent knew (no input), or because its own run
//! changed the world (the event is there already, the calendar is gone), could not be checked. Confidence: *reproduced*;
//! *proven* for what is not there.

use crate::domain::clean_room::{CleanRoomStep, Outcome, Taken, Trial};
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};

use super::honest_block;
use crate::rules::judge::reading::quote;

mod unknown;

/// The names of this rule's findings.
pub const FINDS: &[&str] = &[
    "no-function",
    "compile-failed",
    "validate-failed",
    "save-failed",
    "tests-failed",
    "not-checked",
    "no-recording",
    "no-tests",
];
/// Those that may block.
pub const BLOCKS: &[&str] = &[
    "no-function",
    "compile-failed",
    "validate-failed",
    "save-failed",
    "tests-failed",
    "no-recording",
    "no-tests",
];

/// Whether the step failed for a reason that says nothing about the function or its maker.
pub(super) fn is_unknown(dossier: &Dossier, trial: Trial, step: &CleanRoomStep) -> bool {
    unknown::why(dossier, trial, step).is_some()
}

/// Reads the clean room's steps.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let honest = honest_block::refusal(dossier).is_some();
    let weight = if honest {
        Severity::Note
    } else {
        Severity::Block
    };
    let room = &dossier.seal.room;
    let mut findings = Vec::new();
    match &room.function {
        Taken::Missing => {
            return vec![Finding::new(
                "no-function",
                weight,
                Confidence::Proven,
                Place::Build,
                format!(
                    "There is no function: {} is missing or still the scaffold.",
                    dossier.seal.spec.function_path()
                ),
                Vec::new(),
            )];
        }
        Taken::Rejected { why } => {
            return vec![Finding::new(
                "no-function",
                weight,
                Confidence::Proven,
                Place::Function { line: None },
                format!("The function's file was not taken: {}.", quote::line(why)),
                Vec::new(),
            )];
        }
        Taken::Source { digest, .. } if dossier.text(digest).is_none() => {
            findings.push(unchecked(
                "The function's source is not in the dossier, so nothing about it can be checked."
                    .into(),
                Vec::new(),
            ));
        }
        Taken::Source { .. } => {}
    }
    let steps: Vec<Finding> = room
        .steps()
        .into_iter()
        .filter(|(_, step)| matches!(step.outcome, Outcome::Failed | Outcome::Broken))
        .map(|(trial, step)| {
            let name = trial.word();
            let said = vec![quote::output(name, &step.said)];
            if step.outcome == Outcome::Broken {
                let sentence = format!("The step \"{name}\" could not be run by us, so it says nothing about the function.");
                unchecked(sentence, said)
            } else if let Some(unknown) = unknown::why(dossier, trial, step) {
                unchecked(unknown.sentence, [unknown.evidence, said].concat())
            } else {
                let sentence = format!("{} in the clean room.", failed(trial));
                Finding::new(&format!("{name}-failed"), weight, Confidence::Reproduced, Place::Function { line: None }, sentence, said)
            }
        })
        .collect();
    if steps.is_empty() {
        findings.extend(incomplete(dossier));
    }
    findings.extend(steps);
    findings
}

/// What is missing although no step failed or broke.
fn incomplete(dossier: &Dossier) -> Vec<Finding> {
    let room = &dossier.seal.room;
    // Which steps there are is known by the kind, and not by what a room says of itself.
    let is_tested = dossier.seal.spec.kind.is_tested();
    let is_missing = |trial: Trial, step: &CleanRoomStep| {
        !step.passed() && (is_tested || trial != Trial::Tests || !step.is_good())
    };
    let mut steps = room.steps().into_iter();
    if let Some((trial, _)) = steps.find(|(trial, step)| is_missing(*trial, step)) {
        let sentence = format!(
            "The step \"{}\" was skipped although nothing failed before it.",
            trial.word()
        );
        return vec![unchecked(sentence, Vec::new())];
    }
    let function = Place::Function { line: None };
    let mut findings = Vec::new();
    match &room.recording {
        None => findings.push(Finding::new(
            "no-recording",
            Severity::Block,
            Confidence::Proven,
            function.clone(),
            "The dry run ended well in the clean room but recorded nothing.".into(),
            Vec::new(),
        )),
        Some(digest) if dossier.text(digest).is_none() => findings.push(unchecked(
            "Our recording is not in the dossier, so it cannot be compared with the tape.".into(),
            Vec::new(),
        )),
        Some(_) => {}
    }
    if !is_tested {
        return findings;
    }
    if room.tests_passed == 0 {
        findings.push(Finding::new(
            "no-tests",
            Severity::Block,
            Confidence::Reproduced,
            function,
            "The tests ended well in the clean room but not one of them ran.".into(),
            vec![quote::output("tests", &room.tests.said)],
        ));
    }
    if room.test.is_none() {
        findings.push(unchecked(
            "The generated test is not in the dossier.".into(),
            Vec::new(),
        ));
    }
    findings
}

fn failed(trial: Trial) -> &'static str {
    match trial {
        Trial::Compile => "The function does not compile",
        Trial::Validate => "The dry run with validation fails",
        Trial::Save => "The dry run that records fails",
        Trial::Tests => "The generated tests fail",
    }
}

fn unchecked(sentence: String, evidence: Vec<Exhibit>) -> Finding {
    Finding::new(
        "not-checked",
        Severity::Warn,
        Confidence::Proven,
        Place::Build,
        sentence,
        evidence,
    )
}

#[cfg(test)]
mod tests {
    use crate::domain::clean_room::{CleanRoomStep, Outcome, Room, Taken, Trial};
    use crate::domain::finding::Severity;
    use crate::domain::name::Digest;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    #[test]
    fn a_step_that_fails_refuses_with_its_output() {
        for (trial, says) in [
            (Trial::Compile, "does not compile"),
            (Trial::Validate, "dry run with validation"),
            (Trial::Save, "dry run that records"),
            (Trial::Tests, "generated tests"),
        ] {
            let mut sample = sample::action();
            let room = &mut sample.seal.room;
            let failing = match trial {
                Trial::Compile => &mut room.compile,
                Trial::Validate => &mut room.validate,
                Trial::Save => &mut room.save,
                Trial::Tests => &mut room.tests,
            };
            failing.outcome = Outcome::Failed;
            failing.said = "err - Type 'string' is not assignable".into();
            let judgement = judge(&sample.build());
            assert_eq!(judgement.verdict, Verdict::Refused, "{trial:?}");
            let name = format!("{}-failed", trial.word());
            let found = judgement
                .findings
                .iter()
                .find(|finding| finding.rule == name)
                .expect("the step's own finding");
            assert!(format!("{found:?}").contains("not assignable"), "{found:?}");
            assert!(found.sentence.contains(says), "{}", found.sentence);
        }
    }

    #[test]
    fn what_could_not_be_checked_needs_a_look() {
        let mut broken = sample::action();
        broken.seal.room.tests.outcome = Outcome::Broken;
        let mut skipped = sample::action();
        skipped.seal.room.validate = CleanRoomStep::skipped();
        let mut lost = sample::action();
        lost.seal.room.recording = Some(Digest::of(b"never kept"));
        for sample in [broken, skipped, lost] {
            let judgement = judge(&sample.build());
            assert_eq!(judgement.verdict, Verdict::NeedsALook, "{judgement:#?}");
            assert_eq!(names_of(&judgement), ["not-checked"]);
        }
    }

    #[test]
    fn no_test_or_no_recording_is_not_green() {
        let mut none_ran = sample::action();
        none_ran.seal.room.tests_passed = 0;
        assert_eq!(names_of(&judge(&none_ran.build())), ["no-tests"]);
        let mut none_recorded = sample::action();
        none_recorded.seal.room.recording = None;
        assert_eq!(names_of(&judge(&none_recorded.build())), ["no-recording"]);
    }

    #[test]
    fn a_repository_cannot_silence_the_gate() {
        let mut sample = sample::action();
        sample.seal.room = Room::untried(Taken::Missing);
        sample
            .seal
            .severities
            .insert("reruns".into(), Severity::Note);
        sample
            .seal
            .severities
            .insert("claims".into(), Severity::Note);
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::NeedsALook, "{judgement:#?}");
    }
}
