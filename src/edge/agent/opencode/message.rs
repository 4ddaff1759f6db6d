//! Parts of messages that both the transcript and the progress read.

use serde_json::Value;

use crate::domain::transcript::Usage;
use crate::text::clip::one_line;

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
