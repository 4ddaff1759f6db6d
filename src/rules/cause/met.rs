//! What the agent met on its way, as the cause: errors that only the transcript tells, and the one that it answered with what
//! was found.

use crate::domain::cause::RootCause;
use crate::domain::finding::Confidence;
use crate::rules::judge::reading::check_runs;
use crate::rules::judge::reading::nango_cli::Check;

use super::chain::Chain;
use super::errors::WireError;
use super::graph::{Graph, Tie, What};
use super::made::made;
use super::told::{self, ToldError};
use super::{about, classify};

/// What only the transcript tells: where nothing was written or results were made up, what nothing resolved.
pub(super) fn in_the_way(graph: &Graph<'_>, told: &[ToldError<'_>]) -> Option<RootCause> {
    told.iter().find_map(|error| {
        let at = graph.find(|event| {
            let called = event.called();
            called.is_some_and(|called| std::ptr::eq(called.call, error.call))
        })?;
        if !graph.leads(at, Tie::Prevented) && !graph.leads(at, Tie::CameAfter) {
            return None;
        }
        let chain = Chain::of(&graph.way_from(at)?.events);
        let confidence = Confidence::Inferred;
        Some(made(graph, error.class, &error.target, chain, confidence))
    })
}

/// The error that the agent answered with what was found: a configuration is rewritten because nothing was found to compile.
pub(super) fn answered(graph: &Graph<'_>, wire: &[WireError<'_>]) -> Option<RootCause> {
    let (at, command) = graph.events.iter().enumerate().find_map(|(at, event)| {
        let What::Command(command) = &event.what else {
            return None;
        };
        graph.leads(at, Tie::Answers).then_some((at, command))
    })?;
    if about::was_cut_short(graph.dossier) {
        return None;
    }
    let way = graph.way_from(at)?;
    let of_the_tape = wire.iter().find(|error| {
        let asked = graph.exchange(error.exchange.seq);
        asked.is_some_and(|one| graph.before(one, Tie::Asked).contains(&at))
    });
    let checks = [Check::Tests, Check::DryRun, Check::Compile].into_iter();
    let check = checks.filter(|check| check_runs::is_run(command, *check));
    let class = told::class_of(command.call)
        .or_else(|| of_the_tape.map(|error| error.class))
        .or_else(|| {
            let mut classes =
                check.filter_map(|check| classify::check(check, &command.call.output));
            classes.next()
        })?;
    let target = match of_the_tape {
        Some(error) if error.class == class => error.target.clone(),
        _ => told::tried(command),
    };
    let chain = Chain::of(&way.events);
    Some(made(graph, class, &target, chain, Confidence::Inferred))
}
