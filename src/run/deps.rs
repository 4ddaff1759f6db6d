//! What a run needs of the process that it is worked on in.

use std::path::PathBuf;
use std::sync::Arc;

use super::fault::Fault;
use super::machine::Machine;
use crate::edge::engine::Engine;
use crate::edge::github::GitHub;
use crate::edge::store::Store;
use crate::os::clock::Clock;

/// Everything that runs share. Cheap to clone.
#[derive(Clone)]
pub struct Deps {
    /// Inbox, log, what was signed and posted.
    pub store: Store,
    /// Who brings work and hands together.
    pub engine: Arc<dyn Engine>,
    /// GitHub, for processes that work for an App.
    pub github: Option<GitHub>,
    /// Tools, walls, witness, agent.
    pub machine: Machine,
    /// The mirrors of repositories.
    pub mirrors: PathBuf,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Deps {
    /// Milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// GitHub, where there must be one.
    ///
    /// # Errors
    /// When this process works for no App.
    pub fn github(&self) -> Result<&GitHub, Fault> {
        self.github
            .as_ref()
            .ok_or_else(|| Fault::Lasting("this process was started without a GitHub App".into()))
    }
}
