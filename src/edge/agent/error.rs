//! What can go wrong with an agent.

use std::path::PathBuf;
use std::time::Duration;

use crate::os::random::NoRandom;

/// What went wrong with an agent, before or beside its work.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The operator's configuration cannot be used.
    #[error("the agent's configuration cannot be used: {0}")]
    Config(String),
    /// There can be no password for the agent's server.
    #[error(transparent)]
    Random(#[from] NoRandom),
    /// A file or folder of ours could not be made.
    #[error("cannot prepare {path} for the agent's server")]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The program did not start.
    #[error("cannot start {program}; `countersign doctor` says whether the tool chain is complete")]
    Start {
        /// Which.
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The program started and did not come up.
    #[error("the agent's server did not come up within {} s; its last words: {last_words}", .after.as_secs())]
    NotUp {
        /// How long it was waited for.
        after: Duration,
        /// The end of its output.
        last_words: String,
    },
    /// A call that must be refused was not, or one that must be allowed was.
    #[error("the agent's walls do not stand, so no agent works: {0}")]
    NoWalls(String),
    /// The server cannot be reached.
    #[error("the agent's server does not answer ({doing})")]
    Unreachable {
        /// What was asked of it.
        doing: &'static str,
        /// What the connection said.
        source: reqwest::Error,
    },
    /// The server refused what was asked.
    #[error("the agent's server refused ({doing}) with status {status}: {message}")]
    Refused {
        /// What was asked of it.
        doing: &'static str,
        /// HTTP status.
        status: u16,
        /// The beginning of its answer.
        message: String,
    },
    /// The server's answer is not what its version should give.
    #[error("the agent's server gave an answer that cannot be used ({doing}): {why}")]
    Answer {
        /// What was asked of it.
        doing: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The session is over.
    #[error("the session is closed")]
    Closed,
}

impl AgentError {
    /// Whether the same may work when it is tried again.
    pub fn is_passing(&self) -> bool {
        match self {
            AgentError::NotUp { .. } | AgentError::Unreachable { .. } | AgentError::Closed => true,
            AgentError::Refused { status, .. } => *status >= 500 || *status == 429,
            AgentError::Config(_)
            | AgentError::Random(_)
            | AgentError::Folder { .. }
            | AgentError::Start { .. }
            | AgentError::NoWalls(_)
            | AgentError::Answer { .. } => false,
        }
    }
}
