//! A step of a script as a completion, whole or in pieces.

use serde_json::{Value, json};

use super::counting::{Prompt, of_bytes};
use super::scenario::{Step, Tokens};

/// An answer, its templates filled in.
pub(super) struct Reply {
    text: Option<String>,
    calls: Vec<(String, String, Value)>,
    tokens: Tokens,
}

impl Reply {
    /// Plain words that cost next to nothing.
    pub fn words(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            calls: Vec::new(),
            tokens: Tokens {
                input: 10,
                output: 5,
                cached: 0,
            },
        }
    }

    /// The step's answer; `answers` makes the ids of its calls unique in the session.
    pub fn of(step: &Step, answers: usize, outputs: &[String]) -> Self {
        Self {
            text: step.text.as_deref().map(|text| fill(text, outputs)),
            calls: step
                .calls
                .iter()
                .enumerate()
                .map(|(index, (tool, arguments))| {
                    let id = format!("call_{answers}_{index}");
                    (id, tool.clone(), fill_value(arguments, outputs))
                })
                .collect(),
            tokens: step.tokens,
        }
    }

    /// With the tokens that it really has, instead of those of its step.
    pub fn counted(mut self, prompt: &Prompt, cached: u64) -> Self {
        let calls = self.calls.iter();
        let calls = calls.map(|(_, tool, arguments)| tool.len() + arguments.to_string().len());
        let words = self.text.as_ref().map_or(0, String::len);
        self.tokens = Tokens {
            input: prompt.tokens(),
            output: of_bytes(words + calls.sum::<usize>()),
            cached,
        };
        self
    }

    /// As one JSON document.
    pub fn whole(&self) -> Value {
        let mut message = json!({ "role": "assistant", "content": self.text });
        if !self.calls.is_empty() {
            message["tool_calls"] = self.tool_calls();
        }
        json!({
            "id": "chatcmpl-scripted", "object": "chat.completion", "created": 0, "model": "m",
            "choices": [{ "index": 0, "message": message, "finish_reason": self.finish() }],
            "usage": self.usage(),
        })
    }

    /// As the lines of an event stream.
    pub fn pieces(&self) -> String {
        let mut deltas = vec![json!({ "role": "assistant" })];
        if let Some(text) = &self.text {
            deltas.push(json!({ "content": text }));
        }
        if !self.calls.is_empty() {
            deltas.push(json!({ "tool_calls": self.tool_calls() }));
        }
        let mut choices: Vec<Value> = deltas
            .into_iter()
            .map(|delta| json!([{ "index": 0, "delta": delta, "finish_reason": null }]))
            .collect();
        choices.push(json!([{ "index": 0, "delta": {}, "finish_reason": self.finish() }]));
        let mut out = String::new();
        for choices in choices {
            out.push_str(&event(&choices, &Value::Null));
        }
        out.push_str(&event(&json!([]), &self.usage()));
        out.push_str("data: [DONE]\n\n");
        out
    }

    fn finish(&self) -> &'static str {
        if self.calls.is_empty() {
            "stop"
        } else {
            "tool_calls"
        }
    }

    fn tool_calls(&self) -> Value {
        self.calls
            .iter()
            .enumerate()
            .map(|(index, (id, tool, arguments))| {
                json!({
                    "index": index, "id": id, "type": "function",
                    "function": { "name": tool, "arguments": arguments.to_string() },
                })
            })
            .collect()
    }

    fn usage(&self) -> Value {
        json!({
            "prompt_tokens": self.tokens.input,
            "completion_tokens": self.tokens.output,
            "total_tokens": self.tokens.input + self.tokens.output,
            "prompt_tokens_details": { "cached_tokens": self.tokens.cached },
        })
    }
}

fn event(choices: &Value, usage: &Value) -> String {
    let chunk = json!({
        "id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 0, "model": "m",
        "choices": choices, "usage": usage,
    });
    format!("data: {chunk}\n\n")
}

fn fill_value(value: &Value, outputs: &[String]) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text, outputs)),
        Value::Array(items) => items.iter().map(|item| fill_value(item, outputs)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), fill_value(field, outputs)))
            .collect(),
        other => other.clone(),
    }
}

/// Replaces every `{{output N}}`; a number that no output has is left as it stands, so that a wrong script shows.
fn fill(text: &str, outputs: &[String]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{output ") {
        filled.push_str(before);
        let output = after.split_once("}}").and_then(|(number, tail)| {
            let index = number.trim().parse::<usize>().ok()?.checked_sub(1)?;
            Some((outputs.get(index)?, tail))
        });
        match output {
            Some((output, tail)) => {
                filled.push_str(output.trim_end());
                rest = tail;
            }
            None => {
                filled.push_str("{{output ");
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn outputs_are_filled_in() {
        let outputs = ["one\n".to_owned(), "two".to_owned()];
        assert_eq!(fill("{{output 2}}, {{output 1}}!", &outputs), "two, one!");
        assert_eq!(
            fill("{{output 3}} {{output x}}", &outputs),
            "{{output 3}} {{output x}}"
        );
    }
}
