//! Events that findings and exchanges stand for.

use crate::domain::finding::{Exhibit, Finding, Place};
use crate::domain::tape::Exchange;
use crate::rules::judge::reading::quote;

use super::event::What;
use super::nodes::Graph;

/// What was found.
pub(super) fn symptom<'a>(graph: &Graph<'a>) -> &'a Finding {
    match graph.events.last().map(|event| &event.what) {
        Some(What::Symptom(finding)) => finding,
        _ => unreachable!("a graph ends with what was found"),
    }
}

/// The events at a finding's place.
pub(super) fn placed(graph: &Graph<'_>, finding: &Finding) -> Vec<usize> {
    let versions = |path: &str| {
        let versions = graph.versions(path).into_iter();
        versions.map(|(at, _)| at).collect()
    };
    match &finding.place {
        Place::Function { .. } => versions(&graph.dossier.seal.spec.function_path()),
        Place::Workspace { path } => versions(path),
        Place::Turn { number } => {
            let mut quotes = finding.evidence.iter().filter_map(|exhibit| match exhibit {
                Exhibit::Turn {
                    number: at, quote, ..
                } if at == number => Some(quote.as_str()),
                _ => None,
            });
            quoted(graph, *number, quotes.next_back().unwrap_or_default())
        }
        Place::Wire { seq } => graph.exchange(*seq).into_iter().collect(),
        Place::Repository { .. } | Place::Build => Vec::new(),
    }
}

/// The exchange at this place, if it is one.
pub(super) fn exchange<'a>(graph: &Graph<'a>, at: usize) -> Option<&'a Exchange> {
    match &graph.events[at].what {
        What::Exchange(exchange) => Some(exchange),
        _ => None,
    }
}

/// The events of a turn: the one that is quoted, or all.
pub(super) fn quoted(graph: &Graph<'_>, number: u32, quote: &str) -> Vec<usize> {
    let of_turn = |at: &usize| {
        graph.events[*at]
            .called()
            .is_some_and(|one| one.turn == number)
    };
    let all: Vec<usize> = (0..graph.events.len()).filter(of_turn).collect();
    let is_quoted = |at: &usize| match &graph.events[*at].what {
        What::Command(command) => !quote.is_empty() && quote::head(command.text) == quote,
        _ => false,
    };
    match all.iter().copied().find(is_quoted) {
        Some(one) => vec![one],
        None => all,
    }
}
