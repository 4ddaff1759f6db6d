//! What a scripted model does, as data: one script per interaction, one step per answer.

use std::time::Duration;

use serde_json::{Value, json};

/// What the model does when it is asked about one interaction.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The interaction, as the brief's first line names it: `integration/name`.
    pub key: String,
    /// Step by step.
    pub script: Script,
    /// What it does instead when its brief has certain words in it; the first that fits.
    pub(super) when_told: Vec<(String, Script)>,
}

impl Scenario {
    /// The script to play for `key`.
    pub fn new(key: impl Into<String>, script: Script) -> Self {
        Self {
            key: key.into(),
            script,
            when_told: Vec::new(),
        }
    }

    /// Plays `script` instead when the brief has these words in it.
    pub fn when_told(mut self, words: impl Into<String>, script: Script) -> Self {
        self.when_told.push((words.into(), script));
        self
    }

    /// The script for a session that began with this brief.
    pub(super) fn script_for(&self, brief: &str) -> &Script {
        let mut told = self.when_told.iter();
        told.find(|(words, _)| brief.contains(words.as_str()))
            .map_or(&self.script, |(_, script)| script)
    }
}

/// How a provider fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// 429 the first time; then the step is played.
    RateLimitedOnce,
    /// 400 with `context_length_exceeded` the first time; then the step is played.
    ContextOverflowOnce,
    /// 401 for ever.
    Unauthorized,
    /// 500 for ever.
    ServerError,
    /// No answer for ever.
    Hang,
}

/// Tokens that a step reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Of the prompt, the cached ones included.
    pub input: u64,
    /// Of the answer.
    pub output: u64,
    /// Of the prompt, read from a cache.
    pub cached: u64,
}

/// One answer of the model.
#[derive(Debug, Clone)]
pub struct Step {
    pub(super) text: Option<String>,
    pub(super) calls: Vec<(String, Value)>,
    pub(super) tokens: Tokens,
    pub(super) delay: Duration,
    pub(super) fault: Option<Fault>,
}

/// A list of steps. Texts may contain `{{output 2}}`, which stands for what the second tool call of the session gave.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub(super) steps: Vec<Step>,
}

impl Script {
    /// A script without steps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says something. A turn without tool calls ends the session's work.
    pub fn say(self, text: impl Into<String>) -> Self {
        self.step(Some(text.into()), Vec::new())
    }

    /// Calls one tool.
    pub fn call(self, tool: &str, arguments: Value) -> Self {
        self.step(None, vec![(tool.to_owned(), arguments)])
    }

    /// Calls several tools in one answer; they run side by side.
    pub fn calls<'a>(self, calls: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let calls = calls
            .into_iter()
            .map(|(tool, arguments)| (tool.to_owned(), arguments))
            .collect();
        self.step(None, calls)
    }

    /// Runs a shell command.
    pub fn bash(self, command: &str) -> Self {
        self.call(
            "bash",
            json!({ "command": command, "description": "Runs a command" }),
        )
    }

    /// Writes a file.
    pub fn write(self, path: &str, content: &str) -> Self {
        self.call("write", json!({ "filePath": path, "content": content }))
    }

    /// Reads a file.
    pub fn read(self, path: &str) -> Self {
        self.call("read", json!({ "filePath": path }))
    }

    /// Replaces a text in a file.
    pub fn edit(self, path: &str, old: &str, new: &str) -> Self {
        self.call(
            "edit",
            json!({ "filePath": path, "oldString": old, "newString": new }),
        )
    }

    /// The tokens of the step before.
    pub fn tokens(self, tokens: Tokens) -> Self {
        self.last(|step| step.tokens = tokens)
    }

    /// Lets the step before wait.
    pub fn after(self, delay: Duration) -> Self {
        self.last(|step| step.delay = delay)
    }

    /// Lets the step before fail.
    pub fn fault(self, fault: Fault) -> Self {
        self.last(|step| step.fault = Some(fault))
    }

    fn step(mut self, text: Option<String>, calls: Vec<(String, Value)>) -> Self {
        self.steps.push(Step {
            text,
            calls,
            tokens: Tokens {
                input: 1_000,
                output: 100,
                cached: 0,
            },
            delay: Duration::ZERO,
            fault: None,
        });
        self
    }

    fn last(mut self, change: impl FnOnce(&mut Step)) -> Self {
        if let Some(step) = self.steps.last_mut() {
            change(step);
        }
        self
    }
}
