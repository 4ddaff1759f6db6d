//! **Writes**: what was written to the test account, and how often.
//!
//! Sees that a write of ours was answered from the tape instead of being sent again, so a reader knows what our run rests
//! on; and that the same write was granted more than once within our one run, which makes two events of one. What looks
//! alike: an agent that runs its function twice (to validate and to record) writes twice, and nothing is said of that; an
//! API that is read by POST. So both are notes. Confidence: *proven* (tape).

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::tape::{Exchange, Phase, Repeat};
use crate::domain::undo::Undo;
use crate::rules::judge::reading::quote;
use crate::rules::undo;
use crate::text::number::count;

/// The names of this rule's findings.
pub const FINDS: &[&str] = &["replayed-writes", "same-write-twice", "left-behind"];

/// Looks at the writes of our run.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let written: Vec<&Exchange> = dossier
        .tape
        .of(Phase::CleanRoom)
        .filter(|exchange| exchange.writes() && exchange.is_granted())
        .collect();
    let replayed = replayed(&written);
    let notes = [replayed, twice(&written), left_behind(dossier)];
    notes.into_iter().flatten().collect()
}

/// What our run created and could not be removed again.
fn left_behind(dossier: &Dossier) -> Option<Finding> {
    let removed: Vec<&Exchange> = dossier.tape.of(Phase::CleanUp).collect();
    let left: Vec<(Undo, &Exchange)> = undo::undos(&dossier.tape)
        .into_iter()
        .filter_map(|undo| {
            let tried = removed.iter().find(|one| one.path == undo.path)?;
            (!tried.is_granted()).then_some((undo, *tried))
        })
        .collect();
    let (_, tried) = left.first()?;
    Some(Finding::new(
        "left-behind",
        Severity::Note,
        Confidence::Proven,
        Place::Wire { seq: tried.seq },
        format!(
            "Our run created {} in the test account that could not be removed again.",
            count(left.len(), "thing")
        ),
        vec![quote::wire(tried)],
    ))
}

fn replayed(written: &[&Exchange]) -> Option<Finding> {
    let again: Vec<(&Exchange, u32)> = written
        .iter()
        .filter_map(|one| match one.repeat {
            Some(Repeat::Answered(seq)) => Some((*one, seq)),
            Some(Repeat::HeldBack) | None => None,
        })
        .collect();
    let (first, before) = *again.first()?;
    let sentence = format!(
        "{} of our run had been sent by the agent with the same function, and got that answer from the tape (exchange {before}) \
         instead of being sent again.",
        count(again.len(), "write")
    );
    Some(Finding::new(
        "replayed-writes",
        Severity::Note,
        Confidence::Proven,
        Place::Wire { seq: first.seq },
        sentence,
        vec![quote::wire(first)],
    ))
}

fn twice(written: &[&Exchange]) -> Option<Finding> {
    let (first, second) = written.iter().enumerate().find_map(|(at, one)| {
        let again = written[at + 1..].iter().find(|other| one.asks_like(other));
        Some((*one, *again?))
    })?;
    Some(Finding::new(
        "same-write-twice",
        Severity::Note,
        Confidence::Proven,
        Place::Wire { seq: second.seq },
        format!(
            "In one run the function sent the same write more than once: {}.",
            quote::line(&second.line())
        ),
        vec![quote::wire(first), quote::wire(second)],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, EVENT, EVENTS, names_of};

    #[test]
    fn a_write_that_was_not_sent_again_is_told() {
        let mut sample = sample::action();
        for exchange in &mut sample.tape.exchanges {
            let is_ours = exchange.phase == Phase::CleanRoom;
            exchange.repeat = is_ours.then_some(Repeat::Answered(1));
        }
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::Countersigned, "{judgement:#?}");
        assert_eq!(names_of(&judgement), ["replayed-writes"]);
        assert!(judgement.findings[0].sentence.contains("exchange 1"));
    }

    #[test]
    fn what_could_not_be_removed_is_told() {
        let path = format!("{EVENTS}/evt1");
        let mut sample = sample::action();
        sample.exchange(Phase::CleanUp, "DELETE", &path, 204, "");
        assert!(names_of(&judge(&sample.build())).is_empty());
        sample
            .tape
            .exchanges
            .last_mut()
            .expect("an exchange")
            .status = 403;
        let judgement = judge(&sample.build());
        assert_eq!(names_of(&judgement), ["left-behind"]);
        assert_eq!(judgement.verdict, Verdict::Countersigned);
    }

    #[test]
    fn the_same_write_twice_in_one_run_is_told_and_in_two_runs_is_not() {
        let mut sample = sample::action();
        sample.exchange(Phase::Agent, "POST", EVENTS, 200, EVENT);
        assert!(names_of(&judge(&sample.build())).is_empty());
        sample.exchange(Phase::CleanRoom, "POST", EVENTS, 200, EVENT);
        let judgement = judge(&sample.build());
        assert_eq!(names_of(&judgement), ["same-write-twice"]);
        // A second try after a refusal is none, nor is a read.
        for change in [
            |exchange: &mut Exchange| exchange.status = 500,
            |exchange: &mut Exchange| exchange.method = "GET".into(),
        ] {
            let mut sample = sample::action();
            sample.exchange(Phase::CleanRoom, "POST", EVENTS, 200, EVENT);
            change(sample.tape.exchanges.last_mut().expect("an exchange"));
            assert!(!names_of(&judge(&sample.build())).contains(&"same-write-twice"));
        }
    }
}
