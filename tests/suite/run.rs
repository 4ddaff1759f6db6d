//! Playing a batch: its cases are the interactions of one `countersign run`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::case::Case;
use crate::record::Record;
use crate::support::checkout::Checkout;

/// Few at once: each starts compilers and test runners, and what times out on a busy machine says nothing.
const SETTINGS: &str = "parallel: 4\nlimits: { build: { minutes: 20 }, run: { minutes: 240 } }\n";

/// Plays `batch` and appends what became of each case to `results`; evidence of the unexpected is put beside it.
pub async fn play(batch: &[Case], results: &Path) -> std::io::Result<()> {
    let scenarios = batch.iter().map(Case::scenario).collect();
    let settings = [(".github/countersign.yml", SETTINGS)];
    let checkout = Checkout::for_runs(scenarios, &settings).await;
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
        if !record.is_right {
            keep(&checkout, case, state, results)?;
        }
    }
    Ok(())
}

/// Keeps what is needed to find out why: the judgement and the transcript.
fn keep(checkout: &Checkout, case: &Case, state: &Value, results: &Path) -> std::io::Result<()> {
    let folder = results.with_extension("unexpected");
    std::fs::create_dir_all(&folder)?;
    let digest = state["judgement"]["dossier"].as_str().unwrap_or_default();
    let seal = checkout.state().join(format!("dossiers/{digest}.json"));
    let seal: Value = std::fs::read_to_string(seal)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let transcript = seal["transcript"]
        .as_str()
        .and_then(|digest| digest.split_at_checked(2))
        .and_then(|(head, tail)| {
            let blob = checkout.state().join("blobs").join(head).join(tail);
            std::fs::read_to_string(blob).ok()
        })
        .and_then(|text| serde_json::from_str::<Value>(&text).ok())
        .unwrap_or_default();
    let kept =
        serde_json::json!({ "state": state, "room": seal["room"], "transcript": transcript });
    std::fs::write(
        folder.join(format!("{}.json", case.name)),
        format!("{kept:#}"),
    )
}
