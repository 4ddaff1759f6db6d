//! The recording of our own run, put right by the tape: what the CLI wrote, with every answer as the witness passed it on.
//!
//! The CLI keeps a reference to what it received, so a function that sorts, renames or deletes in place changes its own
//! recording, and the tests that are made of it then fail an honest function, or believe a dishonest one. After this a
//! recording says nothing that did not come over the wire.

use serde_json::Value;

use super::judge::reading::recording::RecordedCall;
use super::judge::reading::trace::{Received, Trace, trace};
use crate::domain::tape::{Exchange, Phase, Tape};

/// The recording with the tape's answers; byte for byte the same when it held them already. What is no recording stays
/// as it is: whoever reads it says so.
pub fn rebuild(recording: Vec<u8>, tape: &Tape) -> Vec<u8> {
    let Ok(mut file) = serde_json::from_slice::<Value>(&recording) else {
        return recording;
    };
    let mut is_changed = false;
    let methods = file.get_mut("api").and_then(Value::as_object_mut);
    for (method, endpoints) in methods.into_iter().flatten() {
        let Some(endpoints) = endpoints.as_object_mut() else {
            return recording;
        };
        endpoints.retain(|endpoint, entries| {
            let mut stays = |entry: &mut Value| {
                let right = put_right(method, endpoint, entry, tape);
                is_changed |= right != Entry::AsItWas;
                right != Entry::NeverReceived
            };
            match entries {
                Value::Array(several) => {
                    several.retain_mut(stays);
                    !several.is_empty()
                }
                one => stays(one),
            }
        });
    }
    if !is_changed {
        return recording;
    }
    serde_json::to_vec_pretty(&file).unwrap_or(recording)
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    AsItWas,
    PutRight,
    NeverReceived,
}

fn put_right(method: &str, endpoint: &str, entry: &mut Value, tape: &Tape) -> Entry {
    let Some(entry) = entry.as_object_mut() else {
        return Entry::AsItWas;
    };
    let call = RecordedCall::read(method, endpoint, entry);
    let exchange = match trace(tape, Phase::CleanRoom, &call) {
        Trace::NotAsked | Trace::OnlyErrors(_) => return Entry::NeverReceived,
        Trace::Altered(exchange, ..) if Some(exchange.status) != call.status => {
            return Entry::NeverReceived;
        }
        Trace::Received(Received::Lessened, exchange) | Trace::Altered(exchange, ..) => exchange,
        Trace::Received(..) | Trace::Unknown(..) => return Entry::AsItWas,
    };
    match value(exchange) {
        Some(answer) => {
            entry.insert("response".into(), answer);
            Entry::PutRight
        }
        None => Entry::AsItWas,
    }
}

/// The answer as JSON, when all of it is on the tape.
fn value(exchange: &Exchange) -> Option<Value> {
    let body = &exchange.response;
    (!body.cut).then(|| serde_json::from_str(body.text.as_deref()?).ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::judge::sample::{self, EVENTS};

    const ENDPOINT: &str = "/calendar/v3/calendars/primary/events";

    fn rebuilt(change: impl FnOnce(&mut Value)) -> (Value, Value) {
        let sample = sample::action();
        let honest = sample.recording();
        let mut changed = honest.clone();
        change(&mut changed);
        let bytes = rebuild(changed.to_string().into_bytes(), &sample.tape);
        (serde_json::from_slice(&bytes).expect("JSON"), honest)
    }

    #[test]
    fn what_was_received_stays_byte_for_byte() {
        let sample = sample::action();
        let text = format!("{}  ", sample.recording());
        assert_eq!(
            rebuild(text.clone().into_bytes(), &sample.tape),
            text.as_bytes()
        );
        for no_recording in ["", "[]", "{\"api\":3}", "{\"api\":{\"get\":[]}}"] {
            let bytes = rebuild(no_recording.into(), &sample.tape);
            assert_eq!(bytes, no_recording.as_bytes());
        }
    }

    #[test]
    fn what_the_function_changed_in_place_is_put_right() {
        let entry = |file: &mut Value| file["api"]["post"][ENDPOINT].take();
        let (rebuilt, honest) = rebuilt(|file| {
            let response = &mut file["api"]["post"][ENDPOINT]["response"];
            response["summary"] = json!("TEST");
            response
                .as_object_mut()
                .expect("an object")
                .remove("htmlLink");
        });
        assert_eq!(rebuilt, honest);
        // A list of entries as well as a single one.
        let (rebuilt, mut honest) = self::rebuilt(|file| {
            let mut one = entry(file);
            one["response"]["summary"] = json!("TEST");
            file["api"]["post"][ENDPOINT] = json!([one]);
        });
        let one = entry(&mut honest);
        honest["api"]["post"][ENDPOINT] = json!([one]);
        assert_eq!(rebuilt, honest);
    }

    #[test]
    fn what_nobody_received_goes() {
        let (rebuilt, honest) = rebuilt(|file| {
            let one = file["api"]["post"][ENDPOINT].clone();
            file["api"]["post"]["/never/asked"] = one;
        });
        assert_eq!(rebuilt, honest);
        // A success where there were only errors.
        let mut sample = sample::action();
        for exchange in &mut sample.tape.exchanges {
            exchange.status = 403;
        }
        let bytes = rebuild(sample.recording().to_string().into_bytes(), &sample.tape);
        let file: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(file["api"]["post"], json!({}), "{EVENTS}");
    }
}
