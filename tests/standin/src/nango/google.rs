//! Google Calendar (v3), a small part.

use serde_json::{Map, Value, json};

use super::{Answer, Ask, page};

const ACCOUNT: &str = "test.account@example.com";

#[derive(Debug)]
pub(super) struct Google {
    /// Every version of every event of the primary calendar; the place of a change is its sync token.
    events: Vec<Value>,
    changes: usize,
    made: usize,
}

impl Default for Google {
    fn default() -> Self {
        let mut google = Self {
            events: Vec::new(),
            changes: 0,
            made: 0,
        };
        for (number, summary) in [
            "Stand-up",
            "Planning",
            "Retrospective",
            "One to one",
            "Demo",
        ]
        .into_iter()
        .enumerate()
        {
            let day = number + 5;
            let body = json!({
                "summary": summary,
                "start": { "dateTime": format!("2026-01-{day:02}T09:00:00Z") },
                "end": { "dateTime": format!("2026-01-{day:02}T09:30:00Z") },
            });
            google.make(&body);
        }
        google
    }
}

/// Google's error envelope.
pub(super) fn error(status: u16, reason: &str, message: &str) -> Answer {
    let mut error = json!({
        "code": status,
        "message": message,
        "errors": [{ "message": message, "domain": "global", "reason": reason }],
    });
    if status == 403 {
        error["status"] = "PERMISSION_DENIED".into();
    }
    Answer::new(status, json!({ "error": error }))
}

/// How many are wanted on a page.
pub(super) fn size(ask: &Ask, name: &str, default: usize, most: usize) -> Result<usize, Answer> {
    match ask.param(name) {
        None => Ok(default),
        Some(text) => match text.parse() {
            Ok(size @ 1..) if size <= most => Ok(size),
            _ => Err(error(
                400,
                "invalid",
                &format!("Invalid value '{text}'. Values must be within the range: [1, {most}]"),
            )),
        },
    }
}

impl Google {
    pub(super) fn calendar(&mut self, ask: &Ask) -> Answer {
        let parts = ask.parts();
        match (ask.method.as_str(), parts.as_slice()) {
            ("GET", ["calendar", "v3", "users", "me", "calendarList"]) => calendars(ask),
            // The test account's grant has `calendar.events` and no more.
            (_, ["calendar", "v3", "calendars", _, "acl", ..]) => error(
                403,
                "insufficientPermissions",
                "Request had insufficient authentication scopes.",
            ),
            (method, ["calendar", "v3", "calendars", calendar, "events", rest @ ..]) => {
                let calendar = calendar.replace("%40", "@");
                if calendar != "primary" && calendar != ACCOUNT {
                    return error(404, "notFound", "Not Found");
                }
                match (method, rest) {
                    ("GET", []) => self.list(ask),
                    ("POST", []) => self.insert(&ask.json()),
                    ("GET", [id]) => self.get(id),
                    ("DELETE", [id]) => self.delete(id),
                    _ => error(404, "notFound", "Not Found"),
                }
            }
            _ => error(404, "notFound", "Not Found"),
        }
    }

    fn list(&self, ask: &Ask) -> Answer {
        let size = match size(ask, "maxResults", 250, 2500) {
            Ok(size) => size,
            Err(refused) => return refused,
        };
        let since = match ask.param("syncToken") {
            None | Some("") => None,
            Some(token) => match token.strip_prefix("sync-").map(str::parse::<usize>) {
                Some(Ok(change)) if change <= self.changes => Some(change),
                _ => {
                    return error(
                        410,
                        "fullSyncRequired",
                        "Sync token is no longer valid, a full sync is required.",
                    );
                }
            },
        };
        let show_deleted = since.is_some() || ask.param("showDeleted") == Some("true");
        let wanted: Vec<Value> = self
            .events
            .iter()
            .filter(|event| show_deleted || event["status"] != "cancelled")
            .filter(|event| {
                since.is_none_or(|since| event["sequence_of_change"].as_u64() > Some(since as u64))
            })
            .map(shown)
            .collect();
        let Some((items, next)) = page(&wanted, ask.param("pageToken"), size) else {
            return error(400, "invalid", "Invalid page token value.");
        };
        let mut body = json!({
            "kind": "calendar#events",
            "etag": format!("\"p{}\"", self.changes),
            "summary": ACCOUNT,
            "updated": "2026-01-05T08:00:00.000Z",
            "timeZone": "UTC",
            "accessRole": "owner",
            "defaultReminders": [{ "method": "popup", "minutes": 10 }],
        });
        match next {
            Some(next) => body["nextPageToken"] = next.into(),
            None => body["nextSyncToken"] = format!("sync-{}", self.changes).into(),
        }
        body["items"] = items.into();
        Answer::new(200, body)
    }

    fn insert(&mut self, body: &Value) -> Answer {
        let Some(fields) = body.as_object() else {
            return error(400, "parseError", "Parse Error");
        };
        for (name, missing) in [
            ("start", "Missing start time."),
            ("end", "Missing end time."),
        ] {
            match fields.get(name) {
                Some(Value::Object(time))
                    if time.contains_key("dateTime") ^ time.contains_key("date") => {}
                Some(Value::Object(_)) => return error(400, "invalid", "Invalid start time."),
                _ => return error(400, "required", missing),
            }
        }
        let at = |name: &str| {
            let time = &fields[name];
            time["dateTime"]
                .as_str()
                .or(time["date"].as_str())
                .map(str::to_owned)
        };
        if at("end") <= at("start") {
            return error(400, "timeRangeEmpty", "The specified time range is empty.");
        }
        let attendees = fields.get("attendees").and_then(Value::as_array);
        let strange = attendees.into_iter().flatten().any(|attendee| {
            !attendee["email"]
                .as_str()
                .is_some_and(|email| email.contains('@'))
        });
        if strange {
            return error(400, "invalid", "Invalid attendee email.");
        }
        Answer::new(200, shown(&self.make(body)))
    }

    fn make(&mut self, body: &Value) -> Value {
        self.made += 1;
        self.changes += 1;
        let id = format!("evt{:023}", self.made);
        let mut event = Map::new();
        let mut put = |name: &str, value: Value| event.insert(name.to_owned(), value);
        put("kind", "calendar#event".into());
        put(
            "etag",
            format!("\"{}\"", 3_520_000_000_000_000_u64 + self.changes as u64).into(),
        );
        put("id", id.clone().into());
        put("status", "confirmed".into());
        put(
            "htmlLink",
            format!("https://www.google.com/calendar/event?eid={id}").into(),
        );
        put("created", "2026-01-05T08:00:00.000Z".into());
        put("updated", "2026-01-05T08:00:00.000Z".into());
        put("creator", json!({ "email": ACCOUNT, "self": true }));
        put("organizer", json!({ "email": ACCOUNT, "self": true }));
        put("iCalUID", format!("{id}@google.com").into());
        put("sequence", 0.into());
        put("reminders", json!({ "useDefault": true }));
        put("eventType", "default".into());
        put("sequence_of_change", self.changes.into());
        for name in [
            "summary",
            "description",
            "location",
            "start",
            "end",
            "attendees",
            "reminders",
            "recurrence",
        ] {
            if let Some(value) = body.get(name) {
                put(name, value.clone());
            }
        }
        if let Some(Value::Array(attendees)) = event.get_mut("attendees") {
            for attendee in attendees {
                attendee["responseStatus"] = "needsAction".into();
            }
        }
        let event = Value::Object(event);
        self.events.push(event.clone());
        event
    }

    fn get(&self, id: &str) -> Answer {
        match self.events.iter().find(|event| event["id"] == id) {
            Some(event) => Answer::new(200, shown(event)),
            None => error(404, "notFound", "Not Found"),
        }
    }

    fn delete(&mut self, id: &str) -> Answer {
        self.changes += 1;
        let changes = self.changes;
        match self.events.iter_mut().find(|event| event["id"] == id) {
            None => error(404, "notFound", "Not Found"),
            Some(event) if event["status"] == "cancelled" => {
                error(410, "deleted", "Resource has been deleted")
            }
            Some(event) => {
                event["status"] = "cancelled".into();
                event["sequence_of_change"] = changes.into();
                Answer::new(204, Value::Null)
            }
        }
    }
}

/// An event as it goes out: a cancelled one is hardly more than its id.
fn shown(event: &Value) -> Value {
    if event["status"] == "cancelled" {
        let kept = ["kind", "etag", "id", "status"];
        return kept
            .iter()
            .map(|name| ((*name).to_owned(), event[*name].clone()))
            .collect();
    }
    let mut event = event.clone();
    if let Some(fields) = event.as_object_mut() {
        fields.shift_remove("sequence_of_change");
    }
    event
}

fn calendars(ask: &Ask) -> Answer {
    let all = [(ACCOUNT, true), ("team@group.calendar.google.com", false)].map(|(id, primary)| {
        json!({
            "kind": "calendar#calendarListEntry",
            "id": id,
            "summary": id,
            "timeZone": "UTC",
            "accessRole": if primary { "owner" } else { "reader" },
            "primary": primary,
        })
    });
    let size = match size(ask, "maxResults", 100, 250) {
        Ok(size) => size,
        Err(refused) => return refused,
    };
    match page(&all, ask.param("pageToken"), size) {
        None => error(400, "invalid", "Invalid page token value."),
        Some((items, next)) => {
            let mut body = json!({ "kind": "calendar#calendarList", "items": items });
            if let Some(next) = next {
                body["nextPageToken"] = next.into();
            }
            Answer::new(200, body)
        }
    }
}
