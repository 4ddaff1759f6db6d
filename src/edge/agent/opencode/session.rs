//! One session of OpenCode.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;

use super::client::Said;
use super::events::Listener;
use super::server::Server;
use super::transcript;
use crate::domain::limits;
use crate::domain::transcript::Transcript;
use crate::edge::agent::{AgentError, Session, SessionSpec, Sign};

/// How often it is looked whether an aborted session has come to rest.
const REST_POLL: Duration = Duration::from_millis(20);

/// A session; it keeps its server alive.
pub(super) struct OpenCodeSession {
    id: String,
    server: Arc<Server>,
    directory: PathBuf,
    model: (String, String),
    general: String,
    listener: Listener,
}

impl OpenCodeSession {
    /// Opens one. OpenCode decides by the folder's path what belongs together, so links in it are resolved first.
    pub async fn open(server: Arc<Server>, seat: SessionSpec) -> Result<Self, AgentError> {
        let model = server.model(seat.model.as_deref())?;
        let directory = seat
            .directory
            .canonicalize()
            .map_err(|source| AgentError::Folder {
                path: seat.directory.clone(),
                source,
            })?;
        let webfetch = if seat.docs_hosts.is_empty() {
            "deny"
        } else {
            "allow"
        };
        let permission = json!([{ "permission": "webfetch", "pattern": "*", "action": webfetch }]);
        let client = server.client();
        let id = client.create(&directory, &seat.title, permission).await?;
        let listener = Listener::start(
            client.clone(),
            server.ended(),
            directory.clone(),
            id.clone(),
        )
        .await?;
        Ok(Self {
            id,
            directory,
            model,
            general: seat.general,
            listener,
            server,
        })
    }
}

#[async_trait]
impl Session for OpenCodeSession {
    async fn say(&mut self, text: &str) -> Result<(), AgentError> {
        self.listener.forget();
        self.listener.expect_work();
        let said = Said {
            model: &self.model,
            system: &self.general,
            text,
        };
        self.server
            .client()
            .prompt(&self.directory, &self.id, said)
            .await
    }

    async fn next(&mut self) -> Result<Sign, AgentError> {
        self.listener.next().await.ok_or(AgentError::Closed)
    }

    async fn transcript(&self) -> Result<Transcript, AgentError> {
        let messages = self
            .server
            .client()
            .messages(&self.directory, &self.id)
            .await?;
        Ok(transcript::read(&messages))
    }

    async fn abort(&mut self) -> Result<(), AgentError> {
        self.server
            .client()
            .abort(&self.directory, &self.id)
            .await?;
        let rest = async {
            while self.listener.is_busy() && self.server.is_alive() {
                tokio::time::sleep(REST_POLL).await;
            }
        };
        let patience = Duration::from_secs(limits::AGENT_ERROR_SETTLES_SECONDS);
        if tokio::time::timeout(patience, rest).await.is_err() {
            tracing::warn!(
                session = self.id,
                "the aborted session does not come to rest"
            );
        }
        Ok(())
    }

    async fn close(self: Box<Self>) {
        if !self.server.is_alive() {
            return;
        }
        if self.listener.is_busy() {
            let _ = self.server.client().abort(&self.directory, &self.id).await;
        }
        if let Err(error) = self
            .server
            .client()
            .dispose(&self.directory, &self.id)
            .await
        {
            tracing::debug!(session = self.id, %error, "the session was not freed");
        }
    }
}
