//! Why a dry run that failed in the clean room says nothing about the function: what we did not know, or what was not any
//! more as the agent had found it.

use crate::domain::clean_room::{CleanRoomStep, Trial};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Exhibit;
use crate::domain::spec::Kind;
use crate::domain::tape::{Phase, Repeat};
use crate::rules::judge::reading::moved_world::{RefusedAgain, refused_again};
use crate::rules::judge::reading::quote;

/// Why it could not be checked.
pub(super) struct Unknown {
    /// For a person, with the way out.
    pub sentence: String,
    /// What shows it.
    pub evidence: Vec<Exhibit>,
}

/// The reason, if there is one. Only a dry run has to do with the world.
pub(super) fn why(dossier: &Dossier, trial: Trial, step: &CleanRoomStep) -> Option<Unknown> {
    if !matches!(trial, Trial::Validate | Trial::Save) {
        return None;
    }
    no_input(dossier, step)
        .or_else(|| refused_again(dossier).map(moved))
        .or_else(|| held_back(dossier))
}

fn no_input(dossier: &Dossier, step: &CleanRoomStep) -> Option<Unknown> {
    let wanted = step.said.contains("invalid_action_input");
    let none = dossier.seal.room.arguments.input.is_none();
    (dossier.seal.spec.kind == Kind::Action && wanted && none).then(|| Unknown {
        sentence: "The function wants an input, and neither the spec nor the agent's report gives one, so it could not be \
                   checked: give the spec an `input`."
            .into(),
        evidence: Vec::new(),
    })
}

fn moved(again: RefusedAgain<'_>) -> Unknown {
    Unknown {
        sentence: format!(
            "Our run could not be checked: the API had granted {} to the agent and refused the same request to us, because \
             the agent's own run changed what is there. Put the test account back as it was, then /retry.",
            quote::line(&again.theirs.line())
        ),
        evidence: vec![quote::wire(again.theirs), quote::wire(again.ours)],
    }
}

/// Our run would have written a second time, and the repository forbids it.
fn held_back(dossier: &Dossier) -> Option<Unknown> {
    let last = dossier.tape.of(Phase::CleanRoom).last()?;
    let event = dossier.seal.spec.event;
    let forbids = match event.filter(|event| !event.spares_the_connection()) {
        Some(event) => format!("a function that runs at {} must not", event.name()),
        None => "the setting `writes: once` forbids".into(),
    };
    (last.repeat == Some(Repeat::HeldBack)).then(|| Unknown {
        sentence: format!(
            "Our run could not be checked: {} {} would have written a second time, which {forbids}, and its answer \
             could not be given again, because the function was touched after its last dry run or sent something else.",
            last.method,
            quote::line(&last.path)
        ),
        evidence: vec![quote::wire(last)],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::clean_room::{CleanRoomStep, Outcome};
    use crate::domain::connection_event::ConnectionEvent;
    use crate::domain::dry_run::{DryRunArgument, GivenBy};
    use crate::domain::tape::Phase;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, EVENT, EVENTS, Sample, names_of};

    /// A dry run that failed with these words; nothing after it was tried.
    fn failing(said: &str) -> Sample {
        let mut sample = sample::action();
        let room = &mut sample.seal.room;
        room.validate.outcome = Outcome::Failed;
        room.validate.said = said.into();
        (room.save, room.tests) = (CleanRoomStep::skipped(), CleanRoomStep::skipped());
        (room.recording, room.test, room.tests_passed) = (None, None, 0);
        sample
            .tape
            .exchanges
            .retain(|exchange| exchange.phase == Phase::Agent);
        sample
    }

    #[test]
    fn without_an_input_the_function_could_not_be_checked() {
        let mut none = failing("An error occurred during execution\n(invalid_action_input)");
        let judgement = judge(&none.build());
        assert_eq!(judgement.verdict, Verdict::NeedsALook, "{judgement:#?}");
        assert_eq!(names_of(&judgement), ["not-checked"]);
        // With one that does not fit its own schema, the function is at fault.
        let (value, by) = (json!({}), GivenBy::Report);
        none.seal.room.arguments.input = Some(DryRunArgument { value, by });
        let judgement = judge(&none.build());
        assert_eq!(judgement.verdict, Verdict::Refused);
        assert!(names_of(&judgement).contains(&"validate-failed"));
    }

    #[test]
    fn what_the_agents_own_run_changed_is_no_evidence_against_it() {
        for (status, answer) in [
            (409, "{}"),
            (404, "{}"),
            (410, ""),
            (200, r#"{"ok":false,"error":"already_reacted"}"#),
        ] {
            let mut sample = failing("An error occurred during execution");
            sample.exchange(Phase::CleanRoom, "POST", EVENTS, status, answer);
            let judgement = judge(&sample.build());
            assert_eq!(
                judgement.verdict,
                Verdict::NeedsALook,
                "{status}: {judgement:#?}"
            );
            assert_eq!(names_of(&judgement), ["not-checked"], "{status}");
            assert!(judgement.findings[0].sentence.contains("/retry"));
        }
    }

    #[test]
    fn access_that_the_function_itself_took_back_is_no_evidence_against_it() {
        let judged = |event: ConnectionEvent| {
            let mut sample = sample::on_event(event);
            let room = &mut sample.seal.room;
            room.validate.outcome = Outcome::Failed;
            room.validate.said = "An error occurred during execution".into();
            (room.save, room.tests) = (CleanRoomStep::skipped(), CleanRoomStep::skipped());
            room.recording = None;
            let mut ours = sample.tape.exchanges.iter_mut();
            let ours = ours.find(|exchange| exchange.phase == Phase::CleanRoom);
            ours.expect("our exchange").status = 401;
            judge(&sample.build())
        };
        let judgement = judged(ConnectionEvent::PreConnectionDeletion);
        assert_eq!(judgement.verdict, Verdict::NeedsALook, "{judgement:#?}");
        assert_eq!(names_of(&judgement), ["not-checked"]);
        let judgement = judged(ConnectionEvent::PostConnectionCreation);
        assert_eq!(judgement.verdict, Verdict::Refused, "{judgement:#?}");
    }

    #[test]
    fn a_refusal_of_what_nobody_had_been_granted_is_the_functions() {
        // Another request than the agent's; a refusal of the agent as well; a permission; nothing refused at all.
        let other = |sample: &mut Sample| {
            sample.exchange(Phase::CleanRoom, "POST", "/proxy/other", 404, "{}");
        };
        let both = |sample: &mut Sample| {
            for exchange in &mut sample.tape.exchanges {
                exchange.status = 409;
            }
            sample.exchange(Phase::CleanRoom, "POST", EVENTS, 409, "{}");
        };
        let scope =
            |sample: &mut Sample| sample.exchange(Phase::CleanRoom, "POST", EVENTS, 403, "{}");
        let granted =
            |sample: &mut Sample| sample.exchange(Phase::CleanRoom, "POST", EVENTS, 200, EVENT);
        let worlds: [&dyn Fn(&mut Sample); 4] = [&other, &both, &scope, &granted];
        for (number, world) in worlds.into_iter().enumerate() {
            let mut sample = failing("An error occurred during execution");
            world(&mut sample);
            let judgement = judge(&sample.build());
            assert_eq!(
                judgement.verdict,
                Verdict::Refused,
                "{number}: {judgement:#?}"
            );
        }
    }
}
