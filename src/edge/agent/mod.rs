//! Coding agents: what every one can do, and one folder for each. An [`Agent`] opens [`Session`]s.

mod error;
pub mod opencode;

use std::path::PathBuf;

use async_trait::async_trait;

use crate::domain::activity::Activity;
use crate::domain::dossier::Guard;
use crate::domain::transcript::{Transcript, Usage};

pub use error::AgentError;

/// A coding agent that can work in many folders at once.
#[async_trait]
pub trait Agent: Send + Sync {
    /// For example `opencode 1.18.33`.
    fn name(&self) -> String;

    /// Starts what must run and tries the walls with calls that must be refused.
    ///
    /// # Errors
    /// [`AgentError::NoWalls`] when a call was not refused; others when the agent cannot be started at all.
    async fn ready(&self) -> Result<Guard, AgentError>;

    /// Opens a session in one workspace. Nothing happens in it before something is said.
    ///
    /// # Errors
    /// When the agent cannot be started or refuses the session.
    async fn open(&self, seat: SessionSpec) -> Result<Box<dyn Session>, AgentError>;

    /// Ends what runs. Open sessions are lost; the next [`Agent::open`] starts anew.
    async fn stop(&self);
}

/// Where a session works and with what.
#[derive(Debug, Clone)]
pub struct SessionSpec {
    /// The workspace. Next to it lies `policy.json`, a [`crate::domain::program::Policy`].
    pub directory: PathBuf,
    /// For people who look into the agent's own records.
    pub title: String,
    /// What it is told before all else, the same for as many sessions as can be: providers cache what requests begin with.
    pub general: String,
    /// `provider/model`; the operator's own when absent.
    pub model: Option<String>,
    /// Hosts whose pages it may read. Without any it is offered no tool for it.
    pub docs_hosts: Vec<String>,
}

/// One agent at work.
#[async_trait]
pub trait Session: Send {
    /// Tells the agent something and returns at once.
    ///
    /// # Errors
    /// When the agent does not take it.
    async fn say(&mut self, text: &str) -> Result<(), AgentError>;

    /// Waits for the next sign of life, for ever if need be: the time-out is the caller's. Cancel-safe.
    ///
    /// # Errors
    /// When the session was closed or aborted by its own agent.
    async fn next(&mut self) -> Result<Sign, AgentError>;

    /// All that happened so far.
    ///
    /// # Errors
    /// When the agent does not give it.
    async fn transcript(&self) -> Result<Transcript, AgentError>;

    /// Stops what the agent is doing; an [`Sign::Idle`] may follow.
    ///
    /// # Errors
    /// When the agent does not take it.
    async fn abort(&mut self) -> Result<(), AgentError>;

    /// Frees what the session holds.
    async fn close(self: Box<Self>);
}

/// A sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    /// It is at work.
    Doing {
        /// For people who watch.
        activity: Activity,
        /// What the session used up so far.
        usage: Usage,
    },
    /// The model's provider failed and is asked again.
    Retrying {
        /// Counts from 1 for each request to the model.
        attempt: u32,
        /// The provider's message.
        message: String,
    },
    /// It has said all it has to say.
    Idle,
    /// The model's provider failed for good.
    Failed {
        /// The provider's message.
        message: String,
    },
    /// The agent's server died. The session is gone; what it wrote is still in the workspace.
    Lost,
}
