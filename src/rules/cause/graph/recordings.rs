//! Which refusals and answers lead to a recording that is not what was received.

use crate::domain::finding::{Exhibit, Finding};
use crate::rules::cause::{about, classify, offered};
use crate::rules::judge::reading::{nango_cli, paths};

use super::anchors::{exchange, placed, symptom};
use super::event::What;
use super::nodes::{Errors, Graph, Tie};

/// Where results were made up: what was refused where the recording has a success, or at least before it was written.
pub(super) fn recordings(graph: &mut Graph<'_>, findings: &[Finding], errors: Errors<'_, '_>) {
    let written = written_by_hand(graph, findings);
    // A recording that nobody wrote by hand is of the last dry run that records, whomever that asked.
    let made = written.clone().into_iter();
    for at in made.chain(last_save(graph).filter(|_| written.is_empty())) {
        graph.tie(at, graph.symptom(), Tie::Shows);
    }
    for at in received(graph) {
        match written.iter().find(|to| **to > at) {
            Some(to) => graph.tie(at, *to, Tie::Used),
            None => graph.tie(at, graph.symptom(), Tie::Shows),
        }
    }
    let mut from: Vec<(usize, Tie)> = Vec::new();
    for error in errors.wire {
        let tie = if about::is_honest_end(symptom(graph)) {
            Tie::Shows
        } else if offered::stands_for(graph.offered.as_ref(), error.exchange).is_some() {
            Tie::StandsFor
        } else {
            Tie::CameAfter
        };
        from.extend(graph.exchange(error.exchange.seq).map(|at| (at, tie)));
    }
    for error in errors.told {
        let at = graph.find(|event| {
            event
                .called()
                .is_some_and(|called| std::ptr::eq(called.call, error.call))
        });
        from.extend(at.map(|at| (at, Tie::CameAfter)));
    }
    for (at, tie) in from {
        let to = written.iter().copied().find(|to| *to > at);
        graph.tie(at, to.unwrap_or_else(|| graph.symptom()), tie);
    }
}

/// The events that put something into a recording, by what they are or by the rule that looks for them.
pub(super) fn written_by_hand(graph: &Graph<'_>, findings: &[Finding]) -> Vec<usize> {
    let by_version = |at: &usize| match &graph.events[*at].what {
        What::Version(_, version) => paths::is_recording(&version.path),
        _ => false,
    };
    let mut all: Vec<usize> = (0..graph.events.len()).filter(by_version).collect();
    let by_rule = findings
        .iter()
        .filter(|one| one.rule == "recording-written-by-hand");
    for finding in by_rule {
        let turn = placed(graph, finding);
        if !turn.iter().any(|at| all.contains(at)) {
            all.extend(turn);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The answers that a finding about a recording quotes.
fn received(graph: &Graph<'_>) -> Vec<usize> {
    let quoted = symptom(graph).evidence.iter();
    quoted
        .filter_map(|exhibit| match exhibit {
            Exhibit::Wire { seq, .. } => graph.exchange(*seq),
            _ => None,
        })
        .filter(|at| exchange(graph, *at).is_some_and(|one| classify::exchange(one).is_none()))
        .collect()
}

/// The last dry run that records.
fn last_save(graph: &Graph<'_>) -> Option<usize> {
    let saves = |at: &usize| match &graph.events[*at].what {
        What::Command(command) => command.starts().iter().any(nango_cli::saves),
        _ => false,
    };
    (0..graph.events.len()).rfind(saves)
}
