//! OpenCode as an agent: one server for all sessions, one folder per session. Look at [`OpenCode`] first.

mod client;
mod config;
mod events;
mod folder;
#[cfg(test)]
mod fuzz;
mod guard_folder;
mod message;
mod progress;
mod self_test;
mod server;
mod session;
mod settings;
mod transcript;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{Agent, AgentError, Session, SessionSpec};
use crate::domain::dossier::Guard;
use crate::domain::limits;
use server::Server;
pub use settings::OpenCodeConfig;

/// OpenCode. Its server is started when it is first needed, and again when it has died.
pub struct OpenCode {
    config: OpenCodeConfig,
    running: Mutex<Option<Arc<Server>>>,
}

/// Whether an operator's `opencode.json` can be read.
///
/// # Errors
/// [`AgentError::Config`]
pub fn check_config(file: &Path) -> Result<(), AgentError> {
    config::read_operators(Some(file)).map(drop)
}

/// Whether a model is named as `provider/model`.
///
/// # Errors
/// [`AgentError::Config`]
pub fn check_model(name: &str) -> Result<(), AgentError> {
    config::parts(name).map(drop)
}

impl OpenCode {
    /// Starts nothing yet.
    pub fn new(config: OpenCodeConfig) -> Self {
        Self {
            config,
            running: Mutex::new(None),
        }
    }

    /// A server whose walls stand. Held by every session, so that an idle one is known by its count.
    async fn server(&self) -> Result<Arc<Server>, AgentError> {
        let mut running = self.running.lock().await;
        if let Some(server) = running.as_ref().filter(|server| server.is_alive()) {
            let idle = Arc::strong_count(server) == 1;
            if !(idle && server.resident_bytes() > limits::AGENT_SERVER_BYTES) {
                return Ok(Arc::clone(server));
            }
            tracing::info!(
                pid = server.pid(),
                "the idle agent server has grown large and is started anew"
            );
        }
        *running = None;
        let trial = self_test::GuardTest::prepare().await?;
        let server = Arc::new(Server::start(&self.config, trial.model()).await?);
        trial.run(&server, &self.config).await?;
        *running = Some(Arc::clone(&server));
        Ok(server)
    }
}

#[async_trait]
impl Agent for OpenCode {
    fn name(&self) -> String {
        format!("opencode {}", self.config.toolchain.opencode_version)
    }

    async fn ready(&self) -> Result<Guard, AgentError> {
        self.server().await.map(|_| Guard::Up)
    }

    async fn open(&self, seat: SessionSpec) -> Result<Box<dyn Session>, AgentError> {
        let server = self.server().await?;
        let session = session::OpenCodeSession::open(server, seat).await?;
        Ok(Box::new(session))
    }

    async fn stop(&self) {
        if let Some(server) = self.running.lock().await.take() {
            server.kill();
        }
    }
}
