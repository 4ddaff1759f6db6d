//! Cursors: where an answer says that there is more, and whether it was asked for.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::answers;
use crate::domain::dossier::Dossier;
use crate::domain::tape::{Exchange, Phase};

/// The names under which APIs give the place of the next page, letters only.
const CURSORS: &[&str] = &["nextpagetoken", "nextcursor", "nextpage", "nexttoken"];

/// The first cursor in an answer. Lists are not looked into: what is in them is data.
pub fn of(answer: &Value) -> Option<String> {
    named(answer, "")
}

/// Whether a later request has the cursor in its address or its body, in whatever way it is written there. One of which
/// only the beginning is known may have.
pub fn is_asked_later(dossier: &Dossier, answer: &Exchange, cursor: &str) -> bool {
    let asked = dossier.tape.of(Phase::CleanRoom);
    let mut later = asked.filter(|later| later.seq > answer.seq);
    later.any(|later| {
        let body = later.request.text.as_deref().unwrap_or_default();
        let in_form = |form: &str| {
            form_urlencoded::parse(form.as_bytes()).any(|(_, value)| value.contains(cursor))
        };
        let in_json = || {
            let body = serde_json::from_str(body);
            body.is_ok_and(|body: Value| {
                answers::words(&body)
                    .iter()
                    .any(|word| word.contains(cursor))
            })
        };
        let path = percent_decode_str(&later.path).decode_utf8_lossy();
        later.request.cut
            || path.contains(cursor)
            || in_form(&later.query)
            || body.contains(cursor)
            || in_form(body)
            || in_json()
    })
}

fn named(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(key, field)| {
            let letters: String = key.chars().filter(char::is_ascii_alphabetic).collect();
            let letters = letters.to_ascii_lowercase();
            let is_cursor =
                CURSORS.contains(&letters.as_str()) || (name == "next" && letters == "after");
            match field {
                Value::Object(_) => named(field, &letters),
                field if is_cursor => answers::word(field).filter(|word| !word.trim().is_empty()),
                _ => None,
            }
        }),
        _ => None,
    }
}
