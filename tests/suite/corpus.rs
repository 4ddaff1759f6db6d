//! `tests/dossiers`: evidence of the suite that every test run judges again.

use std::collections::BTreeMap;
use std::path::Path;

use countersign::domain::name::Digest;
use countersign::edge::blobs::Dossiers;
use serde_json::{Value, json};

use crate::case::Group;
use crate::record::Record;

/// How the tool chain's place in a build folder ends.
const TOOLS: &str = "/tmp/tools/";
/// So many of each group: a dossier is some 50 kB.
const PER_GROUP: usize = 8;

/// Writes the evidence of those that came out as expected into `folder`, and `expected.json` beside it.
///
/// # Errors
/// Something in `state` cannot be read, or `folder` cannot be written.
pub fn write(records: &[Record], state: &Path, folder: &Path) -> std::io::Result<()> {
    let to = Dossiers::open(folder).map_err(std::io::Error::other)?;
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
        let (seal, contents) = contents(dossier, state)?;
        // Where somebody's build lies is nobody's business.
        let names_it = |content: &Vec<u8>| String::from_utf8_lossy(content).contains(TOOLS);
        if contents.iter().any(names_it) {
            continue;
        }
        *taken += 1;
        for content in &contents {
            to.blobs().put(content).map_err(std::io::Error::other)?;
        }
        std::fs::write(folder.join(format!("dossiers/{dossier}.json")), seal)?;
        let cause = record.cause;
        expected.insert(
            &record.name,
            json!({ "dossier": dossier, "verdict": record.verdict, "found": record.found, "cause": cause }),
        );
    }
    let text = serde_json::to_string_pretty(&expected)?;
    std::fs::write(folder.join("expected.json"), text + "\n")
}

/// The seal and every content that it names and that is kept.
fn contents(dossier: &Digest, state: &Path) -> std::io::Result<(String, Vec<Vec<u8>>)> {
    let dossiers = Dossiers::open(state).map_err(std::io::Error::other)?;
    let seal = std::fs::read_to_string(state.join(format!("dossiers/{dossier}.json")))?;
    let (mut waiting, mut found) = (vec![seal.clone()], BTreeMap::new());
    while let Some(text) = waiting.pop() {
        for digest in text
            .split('"')
            .filter_map(|word| word.parse::<Digest>().ok())
        {
            let is_known = found.contains_key(&digest);
            if let Some(content) = dossiers.blobs().get(&digest).ok().filter(|_| !is_known) {
                waiting.extend(String::from_utf8(content.clone()));
                found.insert(digest, content);
            }
        }
    }
    Ok((seal, found.into_values().collect()))
}
