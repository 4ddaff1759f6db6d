//! The HTTP API of OpenCode's server, as far as it is used.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Method, RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::domain::limits;
use crate::edge::agent::AgentError;
use crate::os::own_clock::OwnClock;

/// Characters of a refusal that are quoted.
const QUOTED: usize = 500;

/// What is said in a session.
pub(super) struct Said<'a> {
    /// To which provider's model.
    pub model: &'a (String, String),
    /// What stands before all that was said. OpenCode goes by the newest message, so it is given with each.
    pub system: &'a str,
    /// The words.
    pub text: &'a str,
}

/// Speaks with one server.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    address: String,
    password: SecretString,
    clock: OwnClock,
}

impl Client {
    /// A client for the server at `address` (`http://127.0.0.1:4096`).
    pub fn new(
        address: String,
        password: SecretString,
        clock: OwnClock,
    ) -> Result<Self, AgentError> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(|source| AgentError::Unreachable {
                doing: "making a client",
                source,
            })?;
        Ok(Self {
            http,
            address,
            password,
            clock,
        })
    }

    /// Whether it is up.
    pub async fn health(&self) -> Result<(), AgentError> {
        self.send(
            "asking for its health",
            self.call(Method::GET, "/global/health"),
        )
        .await
        .map(drop)
    }

    /// Opens a session and gives its id.
    pub async fn create(
        &self,
        directory: &Path,
        title: &str,
        permission: Value,
    ) -> Result<String, AgentError> {
        const DOING: &str = "opening a session";
        let call = self
            .call_in(Method::POST, "/session", directory)
            .json(&json!({ "title": title, "permission": permission }));
        let session: Value = self.json(DOING, call).await?;
        let id = session["id"].as_str().filter(|id| {
            id.starts_with("ses_") && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        id.map(str::to_owned).ok_or(AgentError::Answer {
            doing: DOING,
            why: "there is no session id in it".into(),
        })
    }

    /// Says something in a session; the answer comes as events.
    pub async fn prompt(
        &self,
        directory: &Path,
        id: &str,
        said: Said<'_>,
    ) -> Result<(), AgentError> {
        let (provider, model) = said.model;
        let call = self
            .call_in(
                Method::POST,
                &format!("/session/{id}/prompt_async"),
                directory,
            )
            .json(&json!({
                "model": { "providerID": provider, "modelID": model },
                "system": said.system,
                "parts": [{ "type": "text", "text": said.text }],
            }));
        self.send("saying something", call).await.map(drop)
    }

    /// Stops what a session does.
    pub async fn abort(&self, directory: &Path, id: &str) -> Result<(), AgentError> {
        let call = self.call_in(Method::POST, &format!("/session/{id}/abort"), directory);
        self.send("aborting a session", call).await.map(drop)
    }

    /// All messages of a session.
    pub async fn messages(&self, directory: &Path, id: &str) -> Result<Value, AgentError> {
        let call = self.call_in(Method::GET, &format!("/session/{id}/message"), directory);
        self.json("reading a transcript", call).await
    }

    /// Whether a session is at work.
    pub async fn is_busy(&self, directory: &Path, id: &str) -> Result<bool, AgentError> {
        let call = self.call_in(Method::GET, "/session/status", directory);
        let all: Value = self.json("asking for the state of sessions", call).await?;
        Ok(all[id]["type"]
            .as_str()
            .is_some_and(|state| state != "idle"))
    }

    /// Forgets a session and frees what the server holds for its folder.
    pub async fn dispose(&self, directory: &Path, id: &str) -> Result<(), AgentError> {
        let delete = self.call_in(Method::DELETE, &format!("/session/{id}"), directory);
        self.send("forgetting a session", delete).await?;
        let dispose = self.call_in(Method::POST, "/instance/dispose", directory);
        self.send("freeing a folder", dispose).await.map(drop)
    }

    /// The events of a folder. There is no time-out over the whole; silence is for the reader to judge.
    pub async fn events(&self, directory: &Path) -> Result<Response, AgentError> {
        const DOING: &str = "listening to events";
        let call = self
            .http
            .get(format!("{}/event", self.address))
            .basic_auth("opencode", Some(self.password.expose_secret()))
            .query(&[("directory", directory)]);
        self.in_time(DOING, async { check(DOING, call.send().await).await })
            .await
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.address))
            .basic_auth("opencode", Some(self.password.expose_secret()))
    }

    fn call_in(&self, method: Method, path: &str, directory: &Path) -> RequestBuilder {
        self.call(method, path).query(&[("directory", directory)])
    }

    async fn send(
        &self,
        doing: &'static str,
        call: RequestBuilder,
    ) -> Result<Response, AgentError> {
        self.in_time(doing, async { check(doing, call.send().await).await })
            .await
    }

    /// A busy machine may keep the server waiting, which is no fault of it.
    async fn in_time<T>(
        &self,
        doing: &'static str,
        call: impl Future<Output = Result<T, AgentError>>,
    ) -> Result<T, AgentError> {
        let patience = Duration::from_secs(limits::AGENT_CALL_SECONDS);
        let answer = self.clock.within(patience, call).await;
        answer.unwrap_or_else(|_| {
            Err(AgentError::Answer {
                doing,
                why: "it took too long".into(),
            })
        })
    }

    async fn json(&self, doing: &'static str, call: RequestBuilder) -> Result<Value, AgentError> {
        let body = async {
            let answer = check(doing, call.send().await).await?;
            bounded(doing, answer, limits::AGENT_ANSWER_BYTES).await
        };
        let body = self.in_time(doing, body).await?;
        serde_json::from_slice(&body).map_err(|error| AgentError::Answer {
            doing,
            why: error.to_string(),
        })
    }
}

async fn check(
    doing: &'static str,
    answer: Result<Response, reqwest::Error>,
) -> Result<Response, AgentError> {
    // The address in such an error is on loopback and tells nobody anything.
    let answer = answer.map_err(|source| AgentError::Unreachable {
        doing,
        source: source.without_url(),
    })?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    let status = answer.status().as_u16();
    let body = bounded(doing, answer, 64 * 1024).await.unwrap_or_default();
    Err(AgentError::Refused {
        doing,
        status,
        message: String::from_utf8_lossy(&body)
            .chars()
            .take(QUOTED)
            .collect(),
    })
}

async fn bounded(
    doing: &'static str,
    answer: Response,
    limit: usize,
) -> Result<Vec<u8>, AgentError> {
    let mut body = Vec::new();
    let mut pieces = answer.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|source| AgentError::Unreachable {
            doing,
            source: source.without_url(),
        })?;
        if body.len() + piece.len() > limit {
            return Err(AgentError::Answer {
                doing,
                why: format!("it is longer than {limit} bytes"),
            });
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}
