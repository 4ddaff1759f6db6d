//! What an attempt is doing now, for people who watch.

use serde::{Deserialize, Serialize};

/// One activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Its workspace is laid out.
    Preparing,
    /// The model thinks.
    Thinking,
    /// The model writes words.
    Writing,
    /// The agent uses a tool.
    Tool {
        /// The tool's name as the agent has it.
        name: String,
        /// What it is used on: a command, a path, an address; in one line, cut. Untrusted.
        about: String,
    },
    /// We try the function.
    CleanRoom,
    /// The agent was shown what was found and mends it.
    Mending,
    /// The attempt failed by no fault of the author.
    Failed {
        /// What went wrong.
        fault: String,
    },
    /// As an earlier version wrote it down, in words.
    #[serde(untagged)]
    Told(String),
}

impl Activity {
    /// Whether it comes and goes while an agent works, so that a log of lines does not need it.
    pub fn is_passing(&self) -> bool {
        match self {
            Activity::Thinking | Activity::Writing => true,
            Activity::Preparing
            | Activity::Tool { .. }
            | Activity::CleanRoom
            | Activity::Mending
            | Activity::Failed { .. }
            | Activity::Told(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_version_wrote_is_read() {
        for (old, expected) in [
            ("\"thinking\"", Activity::Thinking),
            ("\"bash ls\"", Activity::Told("bash ls".into())),
        ] {
            assert_eq!(serde_json::from_str::<Activity>(old).expect(old), expected);
        }
        let tool = Activity::Tool {
            name: "bash".into(),
            about: "ls".into(),
        };
        let text = serde_json::to_string(&tool).expect("JSON");
        assert_eq!(serde_json::from_str::<Activity>(&text).expect("JSON"), tool);
    }
}
