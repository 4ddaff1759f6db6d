//! A step of the clean room that failed, as the cause.

use crate::domain::cause::{CauseClass, RootCause};
use crate::domain::clean_room::Trial;
use crate::domain::finding::Confidence;
use crate::domain::tape::Phase;
use crate::rules::judge::reading::moved_world::refused_again;

use super::chain::Chain;
use super::graph::Graph;
use super::made::made;
use super::{brought_in, classify};

/// What the clean room said when a step failed.
pub(super) fn clean_room(graph: &Graph<'_>) -> Option<RootCause> {
    let dossier = graph.dossier;
    let (trial, step) = dossier.seal.room.failed_step()?;
    let class = classify::step(dossier, trial, &step.said);
    let brought = brought_in::by_step(graph, trial, &step.said);
    let mut events: Vec<usize> = match (class, refused_again(dossier)) {
        (CauseClass::MovedWorld, Some(moved)) => {
            let seqs = [moved.theirs.seq, moved.ours.seq];
            seqs.iter().filter_map(|seq| graph.exchange(*seq)).collect()
        }
        _ => brought
            .into_iter()
            .flat_map(|one| [Some(one.version), one.shown])
            .flatten()
            .collect(),
    };
    let last = dossier
        .tape
        .of(Phase::CleanRoom)
        .filter(|one| one.asked_provider())
        .last();
    if let Some(last) = last.filter(|_| is_of_the_wire(class)) {
        events.extend(graph.exchange(last.seq));
    }
    events.push(graph.symptom());
    let target = match trial {
        Trial::Compile => "compile",
        Trial::Validate | Trial::Save => "dry run",
        Trial::Tests => "tests",
    };
    let confidence = if class == CauseClass::Unknown {
        Confidence::Suspected
    } else {
        Confidence::Reproduced
    };
    Some(made(graph, class, target, Chain::of(&events), confidence))
}

fn is_of_the_wire(class: CauseClass) -> bool {
    matches!(
        class,
        CauseClass::NotFound
            | CauseClass::RefusedRequest
            | CauseClass::ApiFault
            | CauseClass::MissingScope
            | CauseClass::ExpiredAccess
            | CauseClass::RateLimit
    )
}
