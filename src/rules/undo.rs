//! How what our own run created in the test account is removed again, where the API allows it.
//!
//! Only what a write of ours just created, by the id that the answer gave, at the place where it was created: a POST that
//! was answered 201, or 200 at one of the places of the table. Nothing is guessed; what is not in here is left and told.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::domain::tape::{Exchange, Phase, Tape};
use crate::domain::undo::Undo;

/// Places that answer 200 when they create: how the path ends, and where the thing is then; `{}` is what stands before.
const CREATE_WITH_200: &[(&str, &str)] = &[
    ("/events", "{}/events"),
    ("/events/import", "{}/events"),
    ("/events/quickAdd", "{}/events"),
    ("/calendar/v3/calendars", "{}/calendar/v3/calendars"),
    ("/acl", "{}/acl"),
    ("/upload/drive/v3/files", "{}/drive/v3/files"),
    ("/drive/v3/files", "{}/drive/v3/files"),
    ("/permissions", "{}/permissions"),
];

/// Slack's methods that add, and those that take away again, with the fields that name the thing.
const SLACK: &[(&str, &str, &[&str])] = &[
    ("/chat.postMessage", "/chat.delete", &["channel", "ts"]),
    (
        "/reactions.add",
        "/reactions.remove",
        &["channel", "timestamp", "name"],
    ),
    ("/pins.add", "/pins.remove", &["channel", "timestamp"]),
    (
        "/bookmarks.add",
        "/bookmarks.remove",
        &["channel_id", "bookmark_id"],
    ),
];

/// What removes the creations of our run, the last one first.
pub fn undos(tape: &Tape) -> Vec<Undo> {
    let created = tape
        .of(Phase::CleanRoom)
        .filter(|exchange| exchange.method == "POST" && exchange.asked_provider())
        .filter(|exchange| exchange.is_granted() && exchange.repeat.is_none());
    let mut undos: Vec<Undo> = created.filter_map(undo).collect();
    undos.reverse();
    undos
}

fn undo(exchange: &Exchange) -> Option<Undo> {
    let answer: Value = serde_json::from_str(exchange.response.text.as_deref()?).ok()?;
    slack(exchange, &answer).or_else(|| delete(exchange, &answer))
}

fn delete(exchange: &Exchange, answer: &Value) -> Option<Undo> {
    let id = match &answer["id"] {
        Value::String(id) if !id.is_empty() => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let path = exchange.path.trim_end_matches('/');
    let known = CREATE_WITH_200.iter().find_map(|(end, place)| {
        let before = path.strip_suffix(end)?;
        Some(place.replace("{}", before))
    });
    let place = match (known, exchange.status) {
        (Some(place), _) => place,
        (None, 201) => path.to_owned(),
        (None, _) => return None,
    };
    Some(Undo {
        created: exchange.seq,
        method: "DELETE".into(),
        path: format!("{place}/{}", utf8_percent_encode(&id, NON_ALPHANUMERIC)),
        body: None,
    })
}

fn slack(exchange: &Exchange, answer: &Value) -> Option<Undo> {
    let found = SLACK.iter().find_map(|(adds, removes, fields)| {
        let before = exchange.path.strip_suffix(adds)?;
        Some((format!("{before}{removes}"), *fields))
    });
    let (path, fields) = found.filter(|_| answer["ok"] == Value::Bool(true))?;
    let asked = exchange.request.text.as_deref().unwrap_or_default();
    let asked: Value = serde_json::from_str(asked).unwrap_or_default();
    let mut body = json!({});
    for field in fields {
        let value = match *field {
            "bookmark_id" => &answer["bookmark"]["id"],
            field if answer[field].is_string() => &answer[field],
            field => &asked[field],
        };
        body[*field] = value.is_string().then(|| value.clone())?;
    }
    Some(Undo {
        created: exchange.seq,
        method: "POST".into(),
        path,
        body: Some(body),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::judge::sample::{self, EVENTS, Sample};

    fn undone(sample: &Sample) -> Vec<(String, Option<Value>)> {
        let undos = undos(&sample.tape).into_iter();
        undos
            .map(|undo| (format!("{} {}", undo.method, undo.path), undo.body))
            .collect()
    }

    fn asking(path: &str, status: u16, request: &str, answer: &str) -> Sample {
        let mut sample = sample::action();
        sample.tape.exchanges.clear();
        sample.exchange(Phase::CleanRoom, "POST", path, status, answer);
        let last = sample.tape.exchanges.last_mut().expect("an exchange");
        last.request.text = Some(request.into());
        sample
    }

    #[test]
    fn what_we_created_is_removed_where_it_was_created() {
        for (path, status, answer, expected) in [
            (
                EVENTS,
                200,
                r#"{"id":"evt/1"}"#,
                "DELETE /proxy/calendar/v3/calendars/primary/events/evt%2F1",
            ),
            (
                "/proxy/calendar/v3/calendars/a/events/quickAdd",
                200,
                r#"{"id":"e1"}"#,
                "DELETE /proxy/calendar/v3/calendars/a/events/e1",
            ),
            (
                "/proxy/upload/drive/v3/files",
                200,
                r#"{"id":"f1"}"#,
                "DELETE /proxy/drive/v3/files/f1",
            ),
            (
                "/proxy/crm/v3/objects/contacts",
                201,
                r#"{"id":42}"#,
                "DELETE /proxy/crm/v3/objects/contacts/42",
            ),
        ] {
            let sample = asking(path, status, "{}", answer);
            assert_eq!(undone(&sample), [(expected.to_owned(), None)], "{path}");
        }
        let sent = r#"{"channel":"C1","text":"x"}"#;
        let sample = asking(
            "/proxy/chat.postMessage",
            200,
            sent,
            r#"{"ok":true,"channel":"C1","ts":"1.2"}"#,
        );
        let body = json!({"channel": "C1", "ts": "1.2"});
        assert_eq!(
            undone(&sample),
            [("POST /proxy/chat.delete".to_owned(), Some(body))]
        );
    }

    #[test]
    fn what_was_there_before_is_never_touched() {
        for (path, status, answer) in [
            (
                "/proxy/crm/v3/objects/contacts/search",
                200,
                r#"{"id":"1"}"#,
            ),
            ("/proxy/crm/v3/objects/contacts", 200, r#"{"id":"1"}"#),
            ("/proxy/crm/v3/objects/contacts", 409, r#"{"id":"1"}"#),
            (EVENTS, 200, "{}"),
            (EVENTS, 200, r#"{"id":""}"#),
            ("/proxy/chat.postMessage", 200, r#"{"ok":false}"#),
        ] {
            assert_eq!(
                undone(&asking(path, status, "{}", answer)),
                [],
                "{path} {status}"
            );
        }
        let mut replayed = asking(EVENTS, 200, "{}", r#"{"id":"evt1"}"#);
        for exchange in &mut replayed.tape.exchanges {
            exchange.repeat = Some(crate::domain::tape::Repeat::Answered(1));
        }
        assert_eq!(undone(&replayed), [], "nothing was written");
    }
}
