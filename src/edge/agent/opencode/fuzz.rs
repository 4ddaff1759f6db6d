//! Whatever a server says, we go on. Longer with `PROPTEST_CASES=100000`.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::progress::Signs;
use super::transcript;
use crate::edge::agent::Sign;

/// The keys that are read anywhere, so that what is made up comes near to what is meant.
const KEYS: &[&str] = &[
    "type",
    "properties",
    "sessionID",
    "part",
    "tool",
    "state",
    "status",
    "input",
    "output",
    "info",
    "error",
    "name",
    "data",
    "message",
    "time",
    "start",
    "end",
    "created",
    "tokens",
    "cache",
    "read",
    "write",
    "cost",
    "metadata",
    "exit",
    "parts",
    "role",
    "text",
    "title",
    "path",
    "id",
    "filePath",
    "command",
];
const WORDS: &[&str] = &[
    "session.status",
    "session.idle",
    "session.error",
    "message.part.updated",
    "message.updated",
    "mine",
    "other",
    "tool",
    "text",
    "reasoning",
    "completed",
    "error",
    "running",
    "pending",
    "busy",
    "idle",
    "retry",
    "MessageAbortedError",
    "bash",
    "write",
    "edit",
    "\u{202e}",
    "",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        prop::sample::select(WORDS).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let object = prop::collection::vec((prop::sample::select(KEYS), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            object.prop_map(|pairs| {
                let pairs = pairs
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(pairs.collect::<Map<_, _>>())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_stream_of_events_is_read_to_its_end(events in prop::collection::vec(value(), 0..20)) {
        let mut signs = Signs::of("mine");
        let told: Vec<Sign> = events.iter().filter_map(|event| signs.read(event)).collect();
        prop_assert!(told.len() <= events.len());
        signs.rest();
        prop_assert!(!signs.busy());
    }

    #[test]
    fn any_messages_are_a_transcript(messages in value()) {
        let read = transcript::read(&messages);
        let again = transcript::read(&messages);
        prop_assert_eq!(serde_json::to_string(&read).ok(), serde_json::to_string(&again).ok());
    }
}
