//! Exit codes: part of what we promise to scripts.

use std::process::ExitCode;

use crate::domain::ending::Ending;
use crate::domain::finding::Severity;
use crate::domain::row::State;
use crate::domain::verdict::Verdict;
use crate::domain::view::View;

/// Everything was countersigned, carried or removed; or there was nothing to do.
pub const COUNTERSIGNED: u8 = 0;
/// Something was refused, blocked, or needs a look; or a spec has errors.
pub const NOT_COUNTERSIGNED: u8 = 1;
/// Wrong use or configuration: nothing was tried.
pub const USAGE: u8 = 2;
/// A fault of ours, of the machine, or of a service we need: says nothing about the specs.
pub const FAULT: u8 = 3;

/// The code that says how a finished run ended.
pub fn of_run(view: &View) -> ExitCode {
    ExitCode::from(code(view))
}

fn code(view: &View) -> u8 {
    match &view.ending {
        None | Some(Ending::Faulted { .. }) => return FAULT,
        Some(Ending::Declined { .. }) => return USAGE,
        Some(Ending::NothingToDo) => return COUNTERSIGNED,
        Some(Ending::Superseded { .. } | Ending::Cancelled { .. } | Ending::Waiting { .. }) => {
            return NOT_COUNTERSIGNED;
        }
        Some(Ending::Finished) => {}
    }
    let broken = view
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Block);
    let refused = view
        .judgements()
        .any(|judgement| judgement.verdict != Verdict::Countersigned);
    let edited = view
        .rows
        .iter()
        .any(|row| matches!(row.state, State::Edited { .. }));
    if broken || refused || edited || view.whole_failures().next().is_some() {
        return NOT_COUNTERSIGNED;
    }
    if view
        .rows
        .iter()
        .any(|row| matches!(row.state, State::GivenUp { .. }))
    {
        return FAULT;
    }
    COUNTERSIGNED
}
