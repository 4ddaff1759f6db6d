//! The server's messages as a [`Transcript`]. Pure and tolerant: what is missing is empty, what is unknown is left out.

use serde_json::Value;

use super::message::{message_of, usage_of};
use crate::domain::deed::of_opencode;
use crate::domain::limits;
use crate::domain::transcript::{Part, Role, ToolCall, ToolStatus, Transcript, Turn, Usage};
use crate::text::clip::ends;

/// Reads the answer to `GET /session/ID/message`.
pub(super) fn read(messages: &Value) -> Transcript {
    let messages = messages.as_array().map(Vec::as_slice).unwrap_or_default();
    let usage = messages
        .iter()
        .map(|message| usage_of(&message["info"]))
        .fold(Usage::default(), |sum, usage| sum.plus(&usage));
    let turns = messages
        .iter()
        .take(limits::TRANSCRIPT_TURNS)
        .zip(1..)
        .map(|(message, number)| turn(message, number))
        .collect();
    Transcript { turns, usage }
}

fn turn(message: &Value, number: u32) -> Turn {
    let info = &message["info"];
    let mut parts: Vec<Part> = message["parts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(part)
        .collect();
    let at_ms = milliseconds(&info["time"]["created"]);
    begun_before_it_was_said(&mut parts, at_ms);
    if let Some(message) = message_of(&info["error"]) {
        parts.push(Part::Error { message });
    }
    Turn {
        number,
        role: if info["role"] == "user" {
            Role::User
        } else {
            Role::Assistant
        },
        at_ms,
        parts,
    }
}

/// The server begins a call and notes it when it comes to that, which on a busy machine may be when the command has done its
/// work: one had created a contact 360 ms before it was noted to begin. So a call counts as begun with its turn, or when the last
/// of those before it in the same turn had ended.
fn begun_before_it_was_said(parts: &mut [Part], turn_ms: i64) {
    let mut ends = vec![turn_ms];
    for part in parts {
        let Part::Tool(call) = part else { continue };
        let noted = call.started_ms;
        let before = ends.iter().copied().filter(|end| (1..noted).contains(end));
        call.started_ms = before.max().unwrap_or(noted);
        ends.push(call.ended_ms);
    }
}

fn part(part: &Value) -> Option<Part> {
    let text = || {
        ends(
            part["text"].as_str().unwrap_or_default(),
            limits::TRANSCRIPT_TEXT_BYTES,
        )
    };
    match part["type"].as_str()? {
        "text" => Some(Part::Text { text: text() }),
        "reasoning" => Some(Part::Reasoning { text: text() }),
        "tool" => Some(Part::Tool(tool_call(part))),
        _ => None,
    }
}

fn tool_call(part: &Value) -> ToolCall {
    let state = &part["state"];
    let named = part["tool"].as_str().unwrap_or_default();
    // A call of a tool that does not exist is recorded as one of `invalid`, which always succeeds.
    let unknown = (named == "invalid")
        .then(|| state["input"]["tool"].as_str())
        .flatten();
    let status = match state["status"].as_str() {
        Some("completed") if unknown.is_none() => ToolStatus::Completed,
        Some("completed" | "error") => ToolStatus::Error,
        _ => ToolStatus::Unfinished,
    };
    let output = state["output"]
        .as_str()
        .or(state["error"].as_str())
        .unwrap_or_default();
    let tool = unknown.unwrap_or(named).to_owned();
    let input = bounded(&state["input"]);
    ToolCall {
        deed: of_opencode(&tool, &input),
        tool,
        input,
        status,
        output: ends(output, limits::TOOL_OUTPUT_BYTES),
        exit: state["metadata"]["exit"]
            .as_i64()
            .and_then(|exit| i32::try_from(exit).ok()),
        started_ms: milliseconds(&state["time"]["start"]),
        ended_ms: milliseconds(&state["time"]["end"]),
    }
}

fn milliseconds(value: &Value) -> i64 {
    value.as_f64().map_or(0, |ms| ms as i64)
}

fn bounded(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(ends(text, limits::TRANSCRIPT_TEXT_BYTES)),
        Value::Array(items) => items.iter().map(bounded).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), bounded(field)))
            .collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn messages_become_turns() {
        let messages = json!([
            {"info": {"role": "user", "time": {"created": 1}}, "parts": [{"type": "text", "text": "do"}]},
            {"info": {"role": "assistant", "cost": 0.0006, "tokens": {"input": 100, "output": 20, "cache": {"read": 3}}},
             "parts": [
                {"type": "step-start"},
                {"type": "tool", "tool": "bash", "state": {"status": "completed", "input": {"command": "x"},
                    "output": "o", "metadata": {"exit": 3}, "time": {"start": 5, "end": 6}}},
                {"type": "tool", "tool": "invalid", "state": {"status": "completed", "input": {"tool": "nosuch"}}},
                {"type": "tool", "tool": "read", "state": {"status": "running", "input": {}}},
             ]},
            {"info": {"role": "assistant", "error": {"name": "APIError", "data": {"message": "bad"}}}},
        ]);
        let transcript = read(&messages);
        assert_eq!(
            (transcript.usage.tokens(), transcript.usage.micro_usd),
            (123, 600)
        );
        let calls: Vec<_> = transcript
            .tool_calls()
            .map(|(turn, call)| (turn, call.tool.as_str(), call.status, call.exit))
            .collect();
        assert_eq!(
            calls,
            [
                (2, "bash", ToolStatus::Completed, Some(3)),
                (2, "nosuch", ToolStatus::Error, None),
                (2, "read", ToolStatus::Unfinished, None),
            ]
        );
        assert_eq!(
            transcript.turns[2].parts,
            [Part::Error {
                message: "APIError: bad".into()
            }]
        );
    }

    #[test]
    fn a_call_has_begun_before_it_was_noted_and_after_what_had_ended() {
        let call = |start: i64, end: i64| json!({"type": "tool", "tool": "bash", "state": {"status": "completed", "time": {"start": start, "end": end}}});
        let begun = |created: i64, calls: &[Value]| -> Vec<i64> {
            let message = json!([{"info": {"role": "assistant", "time": {"created": created}}, "parts": calls}]);
            let transcript = read(&message);
            let calls = transcript.tool_calls();
            calls.map(|(_, call)| call.started_ms).collect()
        };
        // One after the other in one turn.
        assert_eq!(begun(100, &[call(130, 150), call(170, 180)]), [100, 150]);
        // Side by side: the second was noted before the first had ended.
        assert_eq!(begun(100, &[call(130, 190), call(140, 150)]), [100, 100]);
        assert_eq!(
            begun(100, &[call(130, 190), call(140, 150), call(160, 170)]),
            [100, 100, 150]
        );
        // A server that does not say when the turn began, and clocks that went back.
        assert_eq!(begun(0, &[call(130, 150)]), [130]);
        assert_eq!(begun(500, &[call(130, 150)]), [130]);
    }

    #[test]
    fn anything_at_all_is_a_transcript() {
        for odd in [
            json!(null),
            json!({}),
            json!([1, {"info": 3, "parts": "x"}, {"parts": [{"type": 1}]}]),
        ] {
            read(&odd);
        }
    }

    #[test]
    fn long_outputs_keep_both_ends() {
        let cut = ends(&format!("a{}z", "ö".repeat(1000)), 100);
        assert!(
            cut.starts_with("aö") && cut.ends_with("öz") && cut.len() < 150,
            "{cut}"
        );
    }
}
