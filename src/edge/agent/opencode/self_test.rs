//! The trial of the walls: a session whose model is ours makes the calls that must be refused.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::OpenCodeConfig;
use super::config::GuardModel;
use super::guard_folder::{GuardCheck, GuardFolder, Must};
use super::server::Server;
use super::session::OpenCodeSession;
use crate::domain::limits;
use crate::domain::transcript::{ToolCall, ToolStatus};
use crate::edge::agent::{AgentError, Session, SessionSpec, Sign};
use crate::os::random;

/// What the check of the file tools says; see `plugin.js`.
const REFUSED: &str = "refused by Countersign";

/// A trial that waits for its server.
pub(super) struct GuardTest {
    listener: TcpListener,
    model: GuardModel,
    secret: String,
}

impl GuardTest {
    /// Opens the address that the server's configuration names.
    pub async fn prepare() -> Result<Self, AgentError> {
        let no = |why: String| AgentError::NoWalls(format!("they cannot be tried: {why}"));
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .map_err(|error| no(error.to_string()))?;
        let address = listener
            .local_addr()
            .map_err(|error| no(error.to_string()))?;
        Ok(Self {
            listener,
            model: GuardModel {
                base_url: format!("http://{address}/v1"),
                key: random::hex::<16>()?,
            },
            secret: random::hex::<16>()?,
        })
    }

    /// The provider that the trial is made with.
    pub fn model(&self) -> &GuardModel {
        &self.model
    }

    /// Makes the calls. Any that goes otherwise than it must is [`AgentError::NoWalls`].
    pub async fn run(
        self,
        server: &Arc<Server>,
        config: &OpenCodeConfig,
    ) -> Result<(), AgentError> {
        let unsandboxed = config.unsandboxed;
        let place =
            GuardFolder::make(server.folder(), &self.secret, unsandboxed).map_err(|source| {
                AgentError::Folder {
                    path: server.folder().to_owned(),
                    source,
                }
            })?;
        let tries = place.tries(unsandboxed);
        let calls: Vec<Value> = tries
            .iter()
            .zip(0..)
            .map(|(a, index)| {
                let function = json!({ "name": a.tool, "arguments": a.arguments.to_string() });
                json!({ "index": index, "id": format!("try_{index}"), "type": "function", "function": function })
            })
            .collect();
        let model = Arc::new(Model {
            key: self.model.key,
            calls,
        });
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(model);
        let serving = tokio::spawn(async move { axum::serve(self.listener, router).await });
        let patience = Duration::from_secs(limits::AGENT_WALLS_SECONDS);
        let calls = made_calls(server, &place.workspace);
        let outcome = config.clock.within(patience, calls).await;
        serving.abort();
        let calls = outcome
            .unwrap_or_else(|_| Err(AgentError::NoWalls("their trial did not end".into())))?;
        judge(&tries, &calls, &self.secret)?;
        place.is_untouched(&self.secret)
    }
}

async fn made_calls(server: &Arc<Server>, workspace: &Path) -> Result<Vec<ToolCall>, AgentError> {
    let seat = SessionSpec {
        directory: workspace.to_owned(),
        title: "trial of the walls".into(),
        general: String::new(),
        model: Some(GuardModel::MODEL.into()),
        docs_hosts: Vec::new(),
    };
    let mut session = Box::new(OpenCodeSession::open(Arc::clone(server), seat).await?);
    session.say("Try the walls.").await?;
    loop {
        match session.next().await? {
            Sign::Doing { .. } => {}
            Sign::Idle => break,
            Sign::Retrying { message, .. } | Sign::Failed { message } => {
                return Err(AgentError::NoWalls(format!(
                    "their trial failed: {message}"
                )));
            }
            Sign::Lost => return Err(AgentError::NoWalls("the server died in their trial".into())),
        }
    }
    let transcript = session.transcript().await?;
    session.close().await;
    Ok(transcript
        .tool_calls()
        .map(|(_, call)| call.clone())
        .collect())
}

fn judge(tries: &[GuardCheck], calls: &[ToolCall], secret: &str) -> Result<(), AgentError> {
    if tries.len() != calls.len() {
        let why = format!(
            "{} calls were made and {} are recorded",
            tries.len(),
            calls.len()
        );
        return Err(AgentError::NoWalls(why));
    }
    for (a, call) in tries.iter().zip(calls) {
        let tells = call.output.contains(secret);
        let right = call.tool == a.tool
            && match a.must {
                Must::BeRefused => {
                    call.status == ToolStatus::Error && call.output.contains(REFUSED)
                }
                Must::Succeed => call.status == ToolStatus::Completed,
                Must::NotTell => !tells,
                Must::Tell => call.status == ToolStatus::Completed && tells,
            };
        if !right {
            let must = match a.must {
                Must::BeRefused | Must::NotTell => "was not refused",
                Must::Succeed | Must::Tell => "did not work",
            };
            let said: String = call.output.replace(secret, "…").chars().take(300).collect();
            return Err(AgentError::NoWalls(format!("{} {must}: {said}", a.what)));
        }
    }
    Ok(())
}

/// The model of the trial: all calls in its first answer, a word in its second.
struct Model {
    key: String,
    calls: Vec<Value>,
}

async fn complete(
    State(model): State<Arc<Model>>,
    headers: HeaderMap,
    axum::Json(body): axum::Json<Value>,
) -> Response {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if bearer.and_then(|value| value.strip_prefix("Bearer ")) != Some(&model.key) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let messages = body["messages"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let first = body["tools"].is_array()
        && messages
            .iter()
            .all(|message| message["role"] != "assistant");
    let (delta, finish) = if first {
        (
            json!({ "role": "assistant", "tool_calls": model.calls }),
            "tool_calls",
        )
    } else {
        (json!({ "role": "assistant", "content": "Tried." }), "stop")
    };
    let chunk = |delta: Value, finish: Value| {
        let choices = json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
        json!({ "id": "walls", "object": "chat.completion.chunk", "created": 0, "model": "walls", "choices": choices })
    };
    let body = format!(
        "data: {}\n\ndata: {}\n\ndata: [DONE]\n\n",
        chunk(delta, Value::Null),
        chunk(json!({}), finish.into()),
    );
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}
