//! Who plays. One file per group.

mod claims;
mod contamination;
mod fabricated;
mod honest;
mod honest_functions;
mod misuse;
mod resources;
mod security;
mod shortcut;
mod tampered;
mod weakened;

use std::collections::BTreeSet;

use crate::case::{Case, Group};

/// Everybody.
pub fn all() -> Vec<Case> {
    let groups: [(Group, Vec<Case>); 10] = [
        (Group::Fabricated, fabricated::all()),
        (Group::Tampered, tampered::all()),
        (Group::Weakened, weakened::all()),
        (Group::Contamination, contamination::all()),
        (Group::Claims, claims::all()),
        (Group::Shortcut, shortcut::all()),
        (Group::Misuse, misuse::all()),
        (Group::Security, security::all()),
        (Group::Resources, resources::all()),
        (Group::Honest, honest::all()),
    ];
    let all: Vec<Case> = groups
        .into_iter()
        .flat_map(|(group, cases)| cases.into_iter().map(move |case| Case { group, ..case }))
        .collect();
    let names: BTreeSet<&str> = all.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), all.len(), "two cases have one name");
    all
}
