//! From findings to their first cause: [`find`]. Pure.
//!
//! The symptom is the worst finding, and the graph (`graph`) holds what happened and what led to what. Errors that nothing resolved later
//! and from which ties lead to the symptom are candidates; one from outside comes first, because it explains what an agent did
//! next. Where there is none, the clean room's own words are classed, and the version of the function that brought the fault in
//! is looked for; else the error that the agent answered with what was found; else the finding is its own cause, or the cause is
//! *unknown*. Nothing is guessed. What can be tried without running anything is tried (`replay`).

mod about;
mod brought_in;
mod chain;
mod classify;
mod errors;
mod graph;
mod made;
mod met;
mod offered;
mod our_run;
mod outside;
mod own;
mod reaction;
mod replay;
mod signature;
mod told;

use crate::domain::cause::RootCause;
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::shell;

use graph::{Errors, Graph};

/// The cause of a judgement with these findings, worst first; nothing when nothing grave was found and nothing blocks.
pub fn find(dossier: &Dossier, findings: &[Finding]) -> Option<RootCause> {
    let symptom = about::symptom(dossier, findings)?;
    let commands = shell::commands(dossier);
    let wire = errors::open(dossier);
    // What ended the work is known better than what was in its way.
    let told = if about::was_cut_short(dossier) {
        Vec::new()
    } else {
        told::open(dossier, &commands)
    };
    let errors = Errors {
        wire: &wire,
        told: &told,
    };
    let graph = Graph::of(dossier, &commands, symptom, findings, errors);
    let cause = outside::outside(&graph, symptom, &wire)
        .or_else(|| our_run::clean_room(&graph))
        .or_else(|| met::in_the_way(&graph, &told))
        .or_else(|| met::answered(&graph, &wire))
        .unwrap_or_else(|| own::own(&graph, symptom));
    Some(RootCause {
        reaction: reaction::of(dossier, &commands, findings),
        ..cause
    })
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod traced;
