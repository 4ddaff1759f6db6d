//! `tests/dossiers`: evidence of the suite that every test run judges again.

use std::collections::BTreeMap;
use std::path::Path;

use countersign::domain::name::Digest;
use countersign::edge::blobs::Dossiers;
use serde_json::{Value, json};

use crate::case::Group;
use crate::record::Record;

/// So many of each group: a dossier is some 50 kB.
const PER_GROUP: usize = 8;

/// Writes the evidence of those that came out as expected into `folder`, and `expected.json` beside it.
///
/// # Errors
/// Something in `state` cannot be read, or `folder` cannot be written.
pub fn write(records: &[Record], state: &Path, folder: &Path) -> std::io::Result<()> {
    let mut expected: BTreeMap<&str, Value> = BTreeMap::new();
    let mut taken: BTreeMap<Group, usize> = BTreeMap::new();
    for record in records.iter().filter(|record| record.is_right) {
        let taken = taken.entry(record.group).or_default();
        if *taken == PER_GROUP {
            continue;
        }
        let Some(dossier) = &record.dossier else {
            continue;
        };
        *taken += 1;
        copy(dossier, state, folder)?;
        let cause = record.cause;
        expected.insert(
            &record.name,
            json!({ "dossier": dossier, "verdict": record.verdict, "found": record.found, "cause": cause }),
        );
    }
    let text = serde_json::to_string_pretty(&expected)?;
    std::fs::write(folder.join("expected.json"), text + "\n")
}

/// The seal, and every content that it names and that is kept.
fn copy(dossier: &Digest, state: &Path, folder: &Path) -> std::io::Result<()> {
    let other = std::io::Error::other::<Box<dyn std::error::Error + Send + Sync>>;
    let from = Dossiers::open(state).map_err(|error| other(error.into()))?;
    let to = Dossiers::open(folder).map_err(|error| other(error.into()))?;
    let seal = format!("dossiers/{dossier}.json");
    std::fs::copy(state.join(&seal), folder.join(&seal))?;
    let text = std::fs::read_to_string(state.join(&seal))?;
    let mut waiting = vec![text];
    while let Some(text) = waiting.pop() {
        for digest in text
            .split('"')
            .filter_map(|word| word.parse::<Digest>().ok())
        {
            let Ok(content) = from.blobs().get(&digest) else {
                continue;
            };
            if to.blobs().get(&digest).is_ok() {
                continue;
            }
            to.blobs()
                .put(&content)
                .map_err(|error| other(error.into()))?;
            waiting.extend(String::from_utf8(content));
        }
    }
    Ok(())
}
