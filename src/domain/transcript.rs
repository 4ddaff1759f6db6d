//! What an agent did, turn by turn, as its server recorded it. Independent of which agent it was.

use serde::{Deserialize, Serialize};

use super::deed::{Deed, of_opencode};

/// Tokens and money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens read that came from no cache.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens thought.
    pub reasoning: u64,
    /// Tokens read from a cache.
    pub cache_read: u64,
    /// Tokens written to a cache.
    pub cache_write: u64,
    /// Millionths of a dollar.
    pub micro_usd: u64,
}

impl Usage {
    /// Tokens of all kinds together.
    pub fn tokens(&self) -> u64 {
        self.read() + self.written()
    }
    /// Tokens that the model was given, those from a cache included.
    pub fn read(&self) -> u64 {
        self.input + self.cache_read + self.cache_write
    }
    /// Tokens that the model gave.
    pub fn written(&self) -> u64 {
        self.output + self.reasoning
    }
    /// Dollars.
    pub fn usd(&self) -> f64 {
        self.micro_usd as f64 / 1e6
    }
    /// Both together.
    pub fn plus(&self, other: &Usage) -> Usage {
        Usage {
            input: self.input + other.input,
            output: self.output + other.output,
            reasoning: self.reasoning + other.reasoning,
            cache_read: self.cache_read + other.cache_read,
            cache_write: self.cache_write + other.cache_write,
            micro_usd: self.micro_usd + other.micro_usd,
        }
    }
}

/// Who a turn belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Us: the brief, a reminder.
    User,
    /// The agent.
    Assistant,
}

/// How a tool call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ToolStatus {
    /// It ran; its own exit code may still be bad.
    Completed,
    /// It was refused or failed.
    Error,
    /// It had not ended when the session did.
    Unfinished,
}

/// One tool call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The tool's name as the agent's server has it: `bash`, `read`, `write`, `edit`, `webfetch`, ...
    pub tool: String,
    /// Its arguments.
    pub input: serde_json::Value,
    /// What it does, in words that every agent shares.
    #[serde(default)]
    pub deed: Deed,
    /// How it ended.
    pub status: ToolStatus,
    /// What came back, or the error; cut at [`super::limits::TOOL_OUTPUT_BYTES`].
    pub output: String,
    /// The exit code, for a shell command that ended.
    pub exit: Option<i32>,
    /// The earliest moment at which it may have begun: what it did, it did after that. Milliseconds since the epoch.
    pub started_ms: i64,
    /// Milliseconds since the epoch.
    pub ended_ms: i64,
}

/// A piece of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "lowercase")]
pub enum Part {
    /// Words.
    Text {
        /// The words.
        text: String,
    },
    /// Thoughts that the model showed.
    Reasoning {
        /// The thoughts.
        text: String,
    },
    /// A tool call.
    Tool(ToolCall),
    /// The model's provider failed.
    Error {
        /// Its message.
        message: String,
    },
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Counts from 1 over all messages of the attempt; reports quote it.
    pub number: u32,
    /// Whose it is.
    pub role: Role,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// What it consists of, in order.
    pub parts: Vec<Part>,
}

/// All of one attempt.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// In order.
    pub turns: Vec<Turn>,
    /// What it used up.
    pub usage: Usage,
}

impl Transcript {
    /// Fills in the deeds of a transcript of the first version, which holds raw calls only; all of them are OpenCode's.
    pub fn with_deeds_of_opencode(mut self) -> Self {
        let parts = self.turns.iter_mut().flat_map(|turn| &mut turn.parts);
        for part in parts {
            if let Part::Tool(call) = part {
                call.deed = of_opencode(&call.tool, &call.input);
            }
        }
        self
    }

    /// Every tool call with the number of its turn, in order.
    pub fn tool_calls(&self) -> impl Iterator<Item = (u32, &ToolCall)> {
        self.turns.iter().flat_map(|turn| {
            turn.parts.iter().filter_map(move |part| match part {
                Part::Tool(call) => Some((turn.number, call)),
                Part::Text { .. } | Part::Reasoning { .. } | Part::Error { .. } => None,
            })
        })
    }

    /// The agent's last words, from the last assistant turn that has any.
    pub fn last_words(&self) -> Option<(u32, String)> {
        self.turns
            .iter()
            .rev()
            .filter(|turn| turn.role == Role::Assistant)
            .find_map(|turn| {
                let texts: Vec<&str> = turn
                    .parts
                    .iter()
                    .filter_map(|part| match part {
                        Part::Text { text } if !text.trim().is_empty() => Some(text.as_str()),
                        _ => None,
                    })
                    .collect();
                (!texts.is_empty()).then(|| (turn.number, texts.join("\n")))
            })
    }
}
