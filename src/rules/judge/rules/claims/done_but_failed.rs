//! *Done*, where the clean room failed and the agent knew, or the same run had gone well for the agent alone.
//!
//! That a step fails is told by [`super::super::reruns`], whoever is to blame. This says more, that the report is not true,
//! and so only when something shows it.

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Severity};
use crate::domain::limits;
use crate::domain::tape::{Exchange, Phase};

use super::finding::finding;
use crate::rules::judge::reading::check_runs::{last_run, shows_failure};
use crate::rules::judge::reading::nango_cli::Check;
use crate::rules::judge::reading::{quote, shell};
use crate::rules::judge::rules::reruns;

/// Compares the word *done* with what failed. `said` is the claim and the facts.
pub(super) fn find(dossier: &Dossier, mut said: Vec<Exhibit>) -> Option<Finding> {
    let (trial, step) = dossier.seal.room.failed_step()?;
    if reruns::is_unknown(dossier, trial, step) {
        return None;
    }
    let check = Check::of(trial);
    let commands = shell::commands(dossier);
    let last = last_run(&commands, check);
    let sentence = match last {
        Some(last) if shows_failure(last, check) => {
            said.push(quote::turn(last.turn, last.call, &end(&last.call.output)));
            format!(
                "The report says done, but the agent saw {} fail in turn {} and it fails when we run it.",
                check.words(),
                last.turn
            )
        }
        // Asked the same and answered the same, it worked for the agent and does not work for us.
        Some(last) if check == Check::DryRun && is_same_world(dossier) => {
            said.push(quote::turn(last.turn, last.call, &end(&last.call.output)));
            "The report says done, but the function fails for us with the very answers with which it went well for the \
             agent."
                .to_owned()
        }
        _ => return None,
    };
    Some(finding(
        "says-done-but-failed",
        Severity::Block,
        Confidence::Reproduced,
        sentence,
        said,
    ))
}

/// The last lines of what a check said, where it says how it went.
fn end(output: &str) -> String {
    let tail = quote::tail(output);
    let lines: Vec<&str> = tail.lines().collect();
    lines[lines.len().saturating_sub(limits::QUOTE_LINES)..].join("\n")
}

/// Whether our run asked something, and every answer had been given to the agent for the same request.
fn is_same_world(dossier: &Dossier) -> bool {
    let key = |exchange: &Exchange| {
        (
            exchange.method.clone(),
            exchange.path.clone(),
            exchange.query.clone(),
            exchange.request.digest.clone(),
            exchange.status,
        )
    };
    let asked = |phase| {
        dossier
            .tape
            .of(phase)
            .filter(|exchange| exchange.asked_provider())
    };
    let theirs: Vec<_> = asked(Phase::Agent).map(key).collect();
    let mut ours = asked(Phase::CleanRoom).map(key).peekable();
    ours.peek().is_some() && ours.all(|exchange| theirs.contains(&exchange))
}

#[cfg(test)]
mod tests {
    use crate::domain::clean_room::Outcome;
    use crate::domain::tape::Phase;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, Sample, names_of};

    const NAME: &str = "says-done-but-failed";

    fn names(sample: &Sample) -> Vec<String> {
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::Refused, "{judgement:#?}");
        names_of(&judgement)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_failure_that_the_agent_saw_makes_done_a_lie() {
        let mut seen = sample::action();
        seen.seal.room.tests.outcome = Outcome::Failed;
        seen.bash("vitest run | tail -5", 0, "Test Files  1 failed (1)");
        assert!(names(&seen).contains(&NAME.to_owned()));
        let mut compiles = sample::action();
        compiles.seal.room.compile.outcome = Outcome::Failed;
        compiles.bash("nango compile", 1, "err - TS2339");
        assert!(names(&compiles).contains(&NAME.to_owned()));
    }

    #[test]
    fn what_the_agent_could_not_know_is_the_functions_fault_alone() {
        let mut unseen = sample::action();
        unseen.seal.room.tests.outcome = Outcome::Failed;
        assert_eq!(names(&unseen), ["tests-failed"]);
        let mut mended = sample::action();
        mended.seal.room.tests.outcome = Outcome::Failed;
        mended.bash("vitest run", 1, "FAIL  x");
        mended.bash("vitest run", 0, "Tests  1 passed (1)");
        assert_eq!(names(&mended), ["tests-failed"]);
    }

    #[test]
    fn what_works_for_the_agent_alone_is_seen_by_the_same_answers() {
        let mut alone = sample::action();
        alone.seal.room.validate.outcome = Outcome::Failed;
        assert!(names(&alone).contains(&NAME.to_owned()));
        let mut other = alone;
        for exchange in &mut other.tape.exchanges {
            if exchange.phase == Phase::CleanRoom {
                exchange.status = 500;
            }
        }
        assert!(!names(&other).contains(&NAME.to_owned()));
    }
}
