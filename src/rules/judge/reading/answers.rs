//! What the API answered in the clean room, as values.

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

/// A value as people and addresses write it; nothing for what is neither text nor number.
pub fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The texts and numbers in a value.
pub fn words(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    leaves(value, "", &mut found);
    found
        .into_iter()
        .filter_map(|(_, leaf)| word(leaf))
        .collect()
}
