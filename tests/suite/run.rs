//! Playing a batch: its cases are the interactions of one `countersign run`.

use std::collections::BTreeMap;
use std::path::Path;

use clap::ValueEnum;
use serde_json::Value;

use crate::case::Case;
use crate::record::Record;
use crate::support::checkout::Checkout;

/// Few at once: each starts compilers and test runners, and what times out on a busy machine says nothing.
const SETTINGS: &str = "parallel: 4\nlimits: { build: { minutes: 20 }, run: { minutes: 240 } }\n";

/// Whether agents are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Walls {
    /// They are, as always: what they must not do is prevented, and told.
    Up,
    /// They are only watched (`mode: permissive` where the operator allows it): what they do is told.
    Down,
}

/// Plays `batch` and appends what became of each case to `results`; all evidence is put beside it.
pub async fn play(batch: &[Case], walls: Walls, results: &Path) -> std::io::Result<()> {
    let scenarios = batch.iter().map(Case::scenario).collect();
    let mode = match walls {
        Walls::Up => "",
        Walls::Down => "mode: permissive\n",
    };
    let settings = format!("{SETTINGS}{mode}");
    let settings = [(".github/countersign.yml", settings.as_str())];
    let mut checkout = Checkout::for_runs(scenarios, &settings).await;
    if walls == Walls::Down {
        let allows = ("COUNTERSIGN_ALLOW_UNSANDBOXED", "true");
        checkout.env.insert(allows.0.into(), allows.1.into());
    }
    let files: BTreeMap<String, String> = batch.iter().flat_map(Case::files).collect();
    for (path, text) in &files {
        checkout.write(path, text);
    }
    let said = checkout.run_beside(&["run", "--json"]).await;
    let view: Value = serde_json::from_str(&said.out).unwrap_or_default();
    if view.is_null() {
        eprintln!("the run broke:\n{}\n{}", said.err, said.out);
    }
    let rows: BTreeMap<&str, &Value> = view["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| Some((row["key"].as_str()?, &row["state"])))
        .collect();
    for case in batch {
        let state = rows.get(case.key.as_str()).copied().unwrap_or(&Value::Null);
        let record = Record::of(case, &state["judgement"]);
        record.append(results)?;
        let mark = if record.is_right { "      " } else { "WRONG " };
        eprintln!(
            "{mark}{} {}: {:?} {:?}, expected {}",
            case.key.split('/').next().unwrap_or_default(),
            case.name,
            record.outcome,
            record.found,
            record.expected
        );
    }
    keep(&checkout.state(), &results.with_extension("state"))
}

/// Copies all evidence, which [`Record::judged_again`] and `countersign trace` read.
fn keep(from: &Path, to: &Path) -> std::io::Result<()> {
    for folder in ["dossiers", "blobs"] {
        for entry in walkdir::WalkDir::new(from.join(folder)) {
            let entry = entry?;
            let relative = entry.path().strip_prefix(from);
            let copy = to.join(relative.map_err(std::io::Error::other)?);
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(copy)?;
            } else if !copy.exists() {
                std::fs::copy(entry.path(), copy)?;
            }
        }
    }
    Ok(())
}
