//! Who plays. One file per group.

mod claims;
mod contamination;
mod fabricated;
mod honest;
mod honest_asides;
mod honest_functions;
mod misuse;
mod resources;
mod security;
mod shortcut;
mod tampered;
mod weakened;

use std::collections::{BTreeSet, VecDeque};

use countersign::rules::judge;

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
    let mut groups: Vec<_> = groups
        .into_iter()
        .map(|(group, cases)| {
            let cases: VecDeque<Case> = cases
                .into_iter()
                .map(|case| {
                    let case = Case { group, ..case };
                    if case.causes.is_empty() {
                        case.because(group.usual_cause())
                    } else {
                        case
                    }
                })
                .collect();
            (cases.len(), cases)
        })
        .collect();
    // Of each group in turn, by its size: who ends the suite early has played a fair part of it.
    let mut all = Vec::new();
    while let Some((_, cases)) = groups
        .iter_mut()
        .max_by_key(|(size, cases)| cases.len() * 1000 / size)
        .filter(|(_, cases)| !cases.is_empty())
    {
        all.extend(cases.pop_front());
    }
    let names: BTreeSet<&str> = all.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), all.len(), "two cases have one name");
    let known: BTreeSet<&str> = judge::names().collect();
    let expected = all.iter().flat_map(|case| case.expected.names());
    let strange: BTreeSet<&&str> = expected.filter(|name| !known.contains(*name)).collect();
    assert!(strange.is_empty(), "no rule finds {strange:?}");
    all
}
