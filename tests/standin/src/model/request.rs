//! What a client asks of the model, checked as strictly as a provider would.

use serde_json::Value;

use super::counting::Prompt;

/// A valid request for a completion.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// From the first user message: what `interaction:` names.
    pub key: Option<String>,
    /// The first user message.
    pub brief: String,
    /// How many answers the model has given already.
    pub answers: usize,
    /// What the tools gave, in order.
    pub outputs: Vec<String>,
    /// Whether tools are offered; a request without is for a title or a summary.
    pub tools: bool,
    /// Whether the answer is wanted in pieces.
    pub stream: bool,
    /// What the model is to read.
    pub prompt: Prompt,
}

impl Request {
    /// Reads a request, or says what is wrong with it.
    pub fn read(body: &Value) -> Result<Self, String> {
        let messages = body["messages"]
            .as_array()
            .filter(|messages| !messages.is_empty())
            .ok_or("'messages' must be a list that is not empty")?;
        let mut request = Request {
            key: None,
            brief: String::new(),
            answers: 0,
            outputs: Vec::new(),
            tools: tools_are_offered(body)?,
            stream: body["stream"].as_bool().unwrap_or(false),
            prompt: Prompt::of(body),
        };
        let mut open: Vec<&str> = Vec::new();
        let mut first_user = true;
        for message in messages {
            match message["role"].as_str() {
                Some("system" | "developer") => {}
                Some("user") => {
                    if std::mem::take(&mut first_user) {
                        request.brief = text(&message["content"]);
                        request.key = key(&request.brief);
                    }
                }
                Some("assistant") => {
                    request.answers += 1;
                    open = call_ids(message)?;
                }
                Some("tool") => {
                    let id = message["tool_call_id"].as_str().unwrap_or_default();
                    if !open.contains(&id) {
                        return Err(format!("tool message for an unknown call '{id}'"));
                    }
                    request.outputs.push(text(&message["content"]));
                }
                other => return Err(format!("invalid role {other:?}")),
            }
        }
        Ok(request)
    }
}

fn tools_are_offered(body: &Value) -> Result<bool, String> {
    let Some(tools) = body.get("tools").filter(|tools| !tools.is_null()) else {
        return Ok(false);
    };
    let tools = tools.as_array().ok_or("'tools' must be a list")?;
    for tool in tools {
        if tool["type"] != "function" || !tool["function"]["name"].is_string() {
            return Err("every tool must be a named function".into());
        }
    }
    Ok(!tools.is_empty())
}

fn call_ids(message: &Value) -> Result<Vec<&str>, String> {
    let Some(calls) = message["tool_calls"].as_array() else {
        return Ok(Vec::new());
    };
    calls
        .iter()
        .map(|call| {
            let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
            serde_json::from_str::<Value>(arguments)
                .map_err(|_| "arguments of a tool call must be JSON in a string".to_owned())?;
            call["id"]
                .as_str()
                .ok_or_else(|| "a tool call must have an id".to_owned())
        })
        .collect()
}

fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n"),
        _ => String::new(),
    }
}

fn key(text: &str) -> Option<String> {
    text.lines()
        .find_map(|line| line.trim().strip_prefix("interaction:"))
        .map(|key| key.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_tells_where_the_script_is() {
        let call = json!({"id": "c1", "type": "function", "function": {"name": "bash", "arguments": "{}"}});
        let body = json!({"messages": [
            {"role": "system", "content": "interaction: not/this"},
            {"role": "user", "content": [{"type": "text", "text": "hello\ninteraction: a/b\n"}]},
            {"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "out"},
        ]});
        let request = Request::read(&body).expect("valid");
        assert_eq!(request.key.as_deref(), Some("a/b"));
        assert_eq!(
            (request.answers, request.outputs.as_slice()),
            (1, &["out".to_owned()][..])
        );
    }

    #[test]
    fn malformed_requests_are_refused() {
        for bad in [
            json!({}),
            json!({"messages": []}),
            json!({"messages": [{"role": "robot"}]}),
            json!({"messages": [{"role": "tool", "tool_call_id": "x", "content": "y"}]}),
            json!({"messages": [{"role": "user"}], "tools": [{"name": "bash"}]}),
        ] {
            assert!(Request::read(&bad).is_err(), "{bad}");
        }
    }
}
