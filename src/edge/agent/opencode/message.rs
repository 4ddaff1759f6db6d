//! Parts of messages that both the transcript and the progress read.

use serde_json::Value;

use crate::domain::transcript::Usage;

/// What one message used up.
pub(super) fn usage_of(info: &Value) -> Usage {
    let tokens = &info["tokens"];
    let count = |value: &Value| value.as_f64().map_or(0, |number| number.max(0.0) as u64);
    Usage {
        input: count(&tokens["input"]),
        output: count(&tokens["output"]),
        reasoning: count(&tokens["reasoning"]),
        cache_read: count(&tokens["cache"]["read"]),
        cache_write: count(&tokens["cache"]["write"]),
        micro_usd: info["cost"]
            .as_f64()
            .map_or(0, |usd| (usd.max(0.0) * 1e6).round() as u64),
    }
}

/// The message of an error; none when it only says that we aborted.
pub(super) fn message_of(error: &Value) -> Option<String> {
    let name = error["name"].as_str()?;
    if name == "MessageAbortedError" {
        return None;
    }
    let message = error["data"]["message"].as_str().unwrap_or("no message");
    let said = match error["data"]["statusCode"].as_u64() {
        Some(status) => format!("{name} {status}: {message}"),
        None => format!("{name}: {message}"),
    };
    Some(one_line(&said, 500))
}

/// A text in one line of at most `chars` characters.
pub(super) fn one_line(text: &str, chars: usize) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .collect();
    let line = words
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if line.chars().count() <= chars {
        return line;
    }
    let cut: String = line.chars().take(chars.saturating_sub(1)).collect();
    format!("{cut}…")
}
