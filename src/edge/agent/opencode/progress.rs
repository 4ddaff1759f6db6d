//! The server's events, read as signs of life. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::message::{message_of, usage_of};
use crate::domain::activity::Activity;
use crate::domain::limits;
use crate::domain::transcript::Usage;
use crate::edge::agent::Sign;
use crate::text::clip::one_line;

/// What is known of a session from its events.
#[derive(Debug)]
pub(super) struct Signs {
    id: String,
    usage: BTreeMap<String, Usage>,
    overflows: u32,
    error: Option<String>,
    busy: bool,
}

impl Signs {
    /// Of the session with this id.
    pub fn of(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            usage: BTreeMap::new(),
            overflows: 0,
            error: None,
            busy: false,
        }
    }

    /// Whether it is at work.
    pub fn busy(&self) -> bool {
        self.busy
    }

    /// Whether an error was told and the end that follows it was not.
    pub fn ending(&self) -> bool {
        self.error.is_some()
    }

    /// The session is at rest, or should be.
    pub fn rest(&mut self) -> Sign {
        self.busy = false;
        self.overflows = 0;
        match self.error.take() {
            Some(message) => Sign::Failed { message },
            None => Sign::Idle,
        }
    }

    /// Takes in one event.
    pub fn read(&mut self, event: &Value) -> Option<Sign> {
        let about = &event["properties"];
        let session = [
            &about["sessionID"],
            &about["part"]["sessionID"],
            &about["info"]["sessionID"],
        ];
        if !session.iter().any(|id| id.as_str() == Some(&self.id)) {
            return None;
        }
        match event["type"].as_str()? {
            "session.status" => self.status(&about["status"]),
            "session.error" => self.error(&about["error"]),
            "message.updated" if about["info"]["role"] == "assistant" => {
                let id = about["info"]["id"].as_str()?.to_owned();
                self.usage.insert(id, usage_of(&about["info"]));
                None
            }
            "message.part.updated" => self.part(&about["part"]),
            "message.part.delta" => Some(self.doing(Activity::Writing)),
            _ => None,
        }
    }

    fn status(&mut self, status: &Value) -> Option<Sign> {
        match status["type"].as_str()? {
            // After an abort the server says it twice; the second must not end what is said next.
            "idle" if self.busy || self.ending() => Some(self.rest()),
            "idle" => None,
            "retry" => {
                self.busy = true;
                Some(Sign::Retrying {
                    attempt: u32::try_from(status["attempt"].as_u64()?).unwrap_or(u32::MAX),
                    message: one_line(status["message"].as_str().unwrap_or("no message"), 500),
                })
            }
            _ => {
                self.busy = true;
                None
            }
        }
    }

    fn error(&mut self, error: &Value) -> Option<Sign> {
        let message = message_of(error)?;
        if error["name"] == "ContextOverflowError" {
            // It compacts and goes on, for ever if that does not help.
            self.overflows += 1;
            if self.overflows < limits::AGENT_OVERFLOWS {
                return None;
            }
            self.error = Some(message);
            return Some(self.rest());
        }
        self.error = Some(message);
        None
    }

    fn part(&mut self, part: &Value) -> Option<Sign> {
        match part["type"].as_str()? {
            "tool" if part["state"]["status"] != "pending" => {
                self.overflows = 0;
                let tool = part["tool"].as_str().unwrap_or("tool");
                let input = &part["state"]["input"];
                let argument = ["command", "filePath", "url", "name", "pattern", "path"]
                    .iter()
                    .find_map(|name| input[*name].as_str())
                    .unwrap_or_default();
                Some(self.doing(Activity::Tool {
                    name: one_line(tool, limits::DOING_CHARS),
                    about: one_line(argument, limits::DOING_RAW_CHARS),
                }))
            }
            "text" => Some(self.doing(Activity::Writing)),
            "reasoning" => Some(self.doing(Activity::Thinking)),
            "step-start" | "step-finish" => Some(self.doing(Activity::Thinking)),
            _ => None,
        }
    }

    fn doing(&self, activity: Activity) -> Sign {
        let usage = self
            .usage
            .values()
            .fold(Usage::default(), |sum, usage| sum.plus(usage));
        Sign::Doing { activity, usage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(kind: &str, properties: Value) -> Value {
        let mut properties = properties;
        properties["sessionID"] = "ses_1".into();
        json!({ "type": kind, "properties": properties })
    }

    #[test]
    fn a_session_works_and_rests() {
        let mut signs = Signs::of("ses_1");
        assert_eq!(
            signs.read(&event(
                "session.status",
                json!({"status": {"type": "busy"}})
            )),
            None
        );
        assert!(signs.busy());
        let info = json!({"role": "assistant", "id": "m", "cost": 0.5, "tokens": {"input": 7}});
        signs.read(&event("message.updated", json!({ "info": info })));
        let part = json!({"type": "tool", "tool": "bash", "state": {"status": "running", "input": {"command": "a\nb"}}});
        let Some(Sign::Doing { activity, usage }) =
            signs.read(&event("message.part.updated", json!({ "part": part })))
        else {
            panic!("no sign");
        };
        assert_eq!(
            (activity, usage.micro_usd, usage.input),
            (
                Activity::Tool {
                    name: "bash".into(),
                    about: "a b".into()
                },
                500_000,
                7
            )
        );
        assert_eq!(
            signs.read(&event(
                "session.status",
                json!({"status": {"type": "idle"}})
            )),
            Some(Sign::Idle)
        );
        assert!(!signs.busy());
    }

    #[test]
    fn an_error_is_told_when_the_session_rests_and_an_abort_is_none() {
        let mut signs = Signs::of("ses_1");
        let error =
            json!({"error": {"name": "APIError", "data": {"message": "no", "statusCode": 401}}});
        assert_eq!(signs.read(&event("session.error", error)), None);
        assert!(signs.ending());
        assert_eq!(
            signs.rest(),
            Sign::Failed {
                message: "APIError 401: no".into()
            }
        );
        signs.read(&event(
            "session.error",
            json!({"error": {"name": "MessageAbortedError"}}),
        ));
        assert_eq!(signs.rest(), Sign::Idle);
    }

    #[test]
    fn overflows_without_end_are_a_failure() {
        let mut signs = Signs::of("ses_1");
        let error = event(
            "session.error",
            json!({"error": {"name": "ContextOverflowError", "data": {"message": "long"}}}),
        );
        for _ in 1..limits::AGENT_OVERFLOWS {
            assert_eq!(signs.read(&error), None);
        }
        assert!(matches!(signs.read(&error), Some(Sign::Failed { .. })));
    }

    #[test]
    fn other_sessions_are_not_listened_to() {
        let other = json!({"type": "session.status", "properties": {"sessionID": "ses_2", "status": {"type": "idle"}}});
        assert_eq!(Signs::of("ses_1").read(&other), None);
    }
}
