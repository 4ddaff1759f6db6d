//! What the API answered in the clean room, and what the function made of it, as values.

use serde_json::Value;

use crate::domain::dossier::Dossier;
use crate::domain::tape::{Exchange, Phase};

/// The answers of the provider in the clean room that are JSON and whole.
pub fn answers(dossier: &Dossier) -> Vec<(&Exchange, Value)> {
    let asked = dossier.tape.of(Phase::CleanRoom);
    asked
        .filter(|exchange| exchange.asked_provider() && !exchange.response.cut)
        .filter_map(|exchange| {
            let text = exchange.response.text.as_deref()?;
            Some((exchange, serde_json::from_str(text).ok()?))
        })
        .collect()
}

/// Whether every answer of the provider in the clean room can be read: only then can anything be said to be in none.
pub fn are_all_readable(dossier: &Dossier) -> bool {
    let asked = dossier.tape.of(Phase::CleanRoom);
    let mut asked = asked.filter(|exchange| exchange.asked_provider());
    asked.all(|exchange| {
        let body = &exchange.response;
        body.bytes == 0 || (!body.cut && body.text.is_some())
    })
}

/// Our recording: the output of an action, or what a sync saved.
pub fn recording(dossier: &Dossier) -> Option<Value> {
    let digest = dossier.seal.room.recording.as_ref()?;
    serde_json::from_str(dossier.text(digest)?).ok()
}

/// What the function gives: an action's output, a sync's records.
pub fn output(recording: &Value) -> Vec<&Value> {
    let saved = recording["nango"]["batchSave"].as_object();
    let saved = saved.into_iter().flat_map(|models| models.values());
    recording.get("output").into_iter().chain(saved).collect()
}

/// All values in a value that hold no other, with the name under which each stands.
pub fn leaves<'a>(value: &'a Value, name: &str, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                leaves(field, &format!("{name}.{key}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                leaves(item, &format!("{name}[]"), found);
            }
        }
        leaf => found.push((name.to_owned(), leaf)),
    }
}
