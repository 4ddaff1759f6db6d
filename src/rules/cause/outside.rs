//! An error from outside as the cause: the API refused, was away, or did not have what was asked for.

use crate::domain::cause::{CauseClass, RootCause};
use crate::domain::clean_room::Trial;
use crate::domain::finding::{Confidence, Finding};
use crate::domain::limits;

use super::about;
use super::chain::Chain;
use super::errors::{self, WireError};
use super::graph::{Graph, Tie, Way};
use super::made::made;
use super::{offered, replay};

/// An error of the tape that led to what was found.
struct Candidate<'e, 'a> {
    error: &'e WireError<'a>,
    way: Way,
    /// What would have been found without it, where that can be tried.
    without: Option<replay::Outcome>,
}

/// An error from outside that nothing resolved, and that what was found comes of: where there is no function or no report
/// of success to believe, or where our own run met the same. One without which the finding would go comes first.
pub(super) fn outside(
    graph: &Graph<'_>,
    symptom: &Finding,
    wire: &[WireError<'_>],
) -> Option<RootCause> {
    let candidates: Vec<Candidate<'_, '_>> = wire
        .iter()
        .filter_map(|error| candidate(graph, symptom, error))
        .take(limits::CAUSE_CANDIDATES)
        .collect();
    let is_gone = |one: &&Candidate<'_, '_>| one.without == Some(replay::Outcome::Gone);
    let first = candidates
        .iter()
        .find(is_gone)
        .or_else(|| candidates.iter().find(|one| one.error.is_from_outside()))
        .or_else(|| candidates.first())?;
    let confidence = match first.without {
        _ if first.way.is_sure => Confidence::Proven,
        Some(replay::Outcome::Gone) => Confidence::Reproduced,
        Some(replay::Outcome::Stays) | None => Confidence::Inferred,
    };
    let mut asker = graph.before(first.way.events[0], Tie::Asked);
    let class = if errors::is_own_header(graph.dossier, first.error) {
        let versions = asker.iter().flat_map(|at| graph.before(*at, Tie::Read));
        asker = versions.collect();
        CauseClass::OwnCode
    } else {
        first.error.class
    };
    let chain = Chain::of(&first.way.events).after(&asker);
    Some(RootCause {
        wanted: first.error.wanted(),
        ..made(graph, class, &first.error.target, chain, confidence)
    })
}

fn candidate<'e, 'a>(
    graph: &Graph<'_>,
    symptom: &Finding,
    error: &'e WireError<'a>,
) -> Option<Candidate<'e, 'a>> {
    let dossier = graph.dossier;
    let stands_for = offered::stands_for(graph.offered.as_ref(), error.exchange).is_some();
    let may_be = match dossier.seal.room.failed_step().map(|(trial, _)| trial) {
        // Nothing outside makes types wrong or tests red.
        Some(Trial::Compile | Trial::Tests) => stands_for,
        Some(Trial::Validate | Trial::Save) => stands_for || errors::is_met_again(dossier, error),
        None => dossier.seal.room.function.source().is_none() || about::is_about_evidence(symptom),
    };
    if !may_be {
        return None;
    }
    let at = graph.exchange(error.exchange.seq)?;
    Some(Candidate {
        error,
        way: graph.way_from(at)?,
        without: stands_for
            .then(|| replay::had_it_said_yes(graph, error, symptom))
            .flatten(),
    })
}
