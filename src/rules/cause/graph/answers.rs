//! Which error the agent answered with what was found.

use crate::domain::finding::{Finding, Place};
use crate::domain::limits;
use crate::rules::cause::{about, told};
use crate::rules::judge::reading::check_runs;
use crate::rules::judge::reading::nango_cli::Check;

use super::anchors::{placed, symptom};
use super::event::What;
use super::nodes::{Graph, Tie};
use super::recordings::written_by_hand;

/// What was done right after an error: of all that the finding is about, the first.
pub(super) fn answered(graph: &mut Graph<'_>, findings: &[Finding]) {
    let finding = symptom(graph);
    let done = if about::is_about_evidence(finding) {
        written_by_hand(graph, findings)
    } else if matches!(finding.place, Place::Turn { .. } | Place::Workspace { .. }) {
        placed(graph, finding)
    } else {
        Vec::new()
    };
    let Some((first, turn)) = done
        .first()
        .and_then(|at| Some((*at, graph.events[*at].called()?.turn)))
    else {
        return;
    };
    let is_near = |one: u32| (turn.saturating_sub(limits::REACTION_TURNS)..turn).contains(&one);
    let mut errors = (0..first).filter(|at| match &graph.events[*at].what {
        What::Command(command) => is_near(command.turn) && told::class_of(command.call).is_some(),
        _ => false,
    });
    let is_of_a_file =
        !matches!(finding.place, Place::Turn { .. }) || about::is_about_evidence(finding);
    let failed = failed_check(graph, first).filter(|at| {
        is_of_a_file
            && graph.events[*at]
                .called()
                .is_some_and(|one| is_near(one.turn))
    });
    if let Some(at) = errors.next_back().max(failed) {
        graph.tie(at, first, Tie::Answers);
    }
}

/// The last check before an event, when it failed.
fn failed_check(graph: &Graph<'_>, before: usize) -> Option<usize> {
    let runs = (0..before)
        .rev()
        .find_map(|at| match &graph.events[at].what {
            What::Command(command) => {
                let checks = [Check::Tests, Check::DryRun, Check::Compile];
                let run = checks
                    .into_iter()
                    .find(|check| check_runs::is_run(command, *check))?;
                Some((at, check_runs::shows_failure(command, run)))
            }
            _ => None,
        });
    runs.and_then(|(at, has_failed)| has_failed.then_some(at))
}
