//! The server that plays scenarios on loopback.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::counting::Cache;
use super::reply::Reply;
use super::request::Request;
use super::scenario::{Fault, Scenario, Script};

const MODEL: &str = "m";
const KEY_VARIABLE: &str = "SCRIPTED_MODEL_KEY";
/// Requests that are kept for assertions.
const SEEN: usize = 5_000;
/// The largest request that is read; long sessions repeat all they have said.
const REQUEST_BYTES: usize = 32 * 1024 * 1024;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The API key it came with.
    pub api_key: Option<String>,
    /// The interaction it was about.
    pub key: Option<String>,
    /// Its body.
    pub body: Value,
}

type Fallback = dyn Fn(&str) -> Option<Script> + Send + Sync;

struct Stage {
    api_key: String,
    scenarios: Mutex<HashMap<String, Scenario>>,
    fallback: Mutex<Option<Box<Fallback>>>,
    failed_once: Mutex<HashSet<(String, usize)>>,
    seen: Mutex<Vec<Seen>>,
    /// While tokens are counted.
    cache: Mutex<Option<Cache>>,
}

/// A model on loopback that does what its scenarios say. It ends with the value.
pub struct ModelStandIn {
    stage: Arc<Stage>,
    address: std::net::SocketAddr,
    server: tokio::task::JoinHandle<()>,
}

impl ModelStandIn {
    /// Starts it with these scenarios.
    pub async fn start(scenarios: Vec<Scenario>) -> std::io::Result<Self> {
        let stage = Arc::new(Stage {
            api_key: format!("scripted-{}", random_hex()?),
            scenarios: Mutex::new(
                scenarios
                    .into_iter()
                    .map(|scenario| (scenario.key.clone(), scenario))
                    .collect(),
            ),
            fallback: Mutex::new(None),
            failed_once: Mutex::default(),
            seen: Mutex::default(),
            cache: Mutex::default(),
        });
        let router = Router::new()
            .route("/v1/models", get(models))
            .route("/v1/chat/completions", post(complete))
            .layer(DefaultBodyLimit::max(REQUEST_BYTES))
            .with_state(Arc::clone(&stage));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the scripted model ended");
            }
        });
        Ok(Self {
            stage,
            address,
            server,
        })
    }

    /// Asks `fallback` for interactions that no scenario is for.
    pub fn also(self, fallback: impl Fn(&str) -> Option<Script> + Send + Sync + 'static) -> Self {
        *lock(&self.stage.fallback) = Some(Box::new(fallback));
        self
    }

    /// Adds a scenario or replaces the one for its interaction.
    pub fn play(&self, scenario: Scenario) {
        lock(&self.stage.scenarios).insert(scenario.key.clone(), scenario);
    }

    /// From now on, answers report the tokens that they and their requests really have, by an estimate, instead of those of
    /// their steps; read from a cache is what requests began with that were answered before.
    pub fn count_tokens(&self) {
        lock(&self.stage.cache).get_or_insert_default();
    }

    /// Where the API begins.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The name and value of the environment variable that [`Self::opencode_config`] takes the API key from.
    pub fn key(&self) -> (String, String) {
        (KEY_VARIABLE.to_owned(), self.stage.api_key.clone())
    }

    /// An `opencode.json` with this model as `scripted/m`: $3 a million tokens read, $15 written, $0.30 cached.
    pub fn opencode_config(&self) -> Value {
        json!({
            "provider": { "scripted": {
                "npm": "@ai-sdk/openai-compatible",
                "name": "Scripted",
                "options": { "baseURL": self.base_url(), "apiKey": format!("{{env:{KEY_VARIABLE}}}") },
                "models": { MODEL: {
                    "name": "Scripted model",
                    "cost": { "input": 3, "output": 15, "cache_read": 0.3 },
                    "limit": { "context": 200_000, "output": 8_000 },
                } },
            } },
            "model": "scripted/m",
            "small_model": "scripted/m",
        })
    }

    /// What arrived so far, in order.
    pub fn requests(&self) -> Vec<Seen> {
        lock(&self.stage.seen).clone()
    }
}

impl Drop for ModelStandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn models(State(stage): State<Arc<Stage>>, headers: HeaderMap) -> Response {
    if bearer(&headers).as_deref() != Some(stage.api_key.as_str()) {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "invalid_api_key",
            "Incorrect API key provided.",
        );
    }
    axum::Json(json!({ "object": "list", "data": [{ "id": MODEL, "object": "model" }] }))
        .into_response()
}

async fn complete(State(stage): State<Arc<Stage>>, headers: HeaderMap, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let request = Request::read(&body);
    let api_key = bearer(&headers);
    let authorized = api_key.as_deref() == Some(stage.api_key.as_str());
    stage.note(Seen {
        api_key,
        key: request
            .as_ref()
            .ok()
            .and_then(|request| request.key.clone()),
        body: body.clone(),
    });
    if !authorized {
        return refusal(
            StatusCode::UNAUTHORIZED,
            "invalid_api_key",
            "Incorrect API key provided.",
        );
    }
    if body["model"] != MODEL {
        return refusal(
            StatusCode::NOT_FOUND,
            "model_not_found",
            "The model does not exist.",
        );
    }
    let request = match request {
        Ok(request) => request,
        Err(why) => return refusal(StatusCode::BAD_REQUEST, "invalid_request_error", &why),
    };
    stage.play(&request).await
}

impl Stage {
    fn note(&self, seen: Seen) {
        let mut all = lock(&self.seen);
        if all.len() < SEEN {
            all.push(seen);
        }
    }

    fn script(&self, key: &str, brief: &str) -> Option<Script> {
        let scenarios = lock(&self.scenarios);
        let script = scenarios.get(key).map(|one| one.script_for(brief).clone());
        drop(scenarios);
        script.or_else(|| lock(&self.fallback).as_ref().and_then(|ask| ask(key)))
    }

    async fn play(&self, request: &Request) -> Response {
        if !request.tools {
            return answer(&Reply::words("Scripted session"), request);
        }
        let key = request.key.as_deref().unwrap_or_default();
        let Some(script) = self.script(key, &request.brief) else {
            let why = format!("no scenario for the interaction '{key}'");
            return refusal(StatusCode::BAD_REQUEST, "invalid_request_error", &why);
        };
        let Some(step) = script.steps.get(request.answers) else {
            return answer(&Reply::words("I have nothing to add."), request);
        };
        let held = lock(&self.cache)
            .as_ref()
            .map(|cache| cache.holds(&request.prompt));
        tokio::time::sleep(step.delay).await;
        if let Some(refusal) = self.fail(step.fault, key, request.answers).await {
            return refusal;
        }
        let reply = Reply::of(step, request.answers, &request.outputs);
        match held {
            Some(held) => {
                let mut cache = lock(&self.cache);
                cache.get_or_insert_default().keep(&request.prompt);
                answer(&reply.counted(&request.prompt, held), request)
            }
            None => answer(&reply, request),
        }
    }

    async fn fail(&self, fault: Option<Fault>, key: &str, step: usize) -> Option<Response> {
        let first_time = || lock(&self.failed_once).insert((key.to_owned(), step));
        match fault? {
            Fault::RateLimitedOnce => first_time().then(|| {
                let mut refusal = refusal(
                    StatusCode::TOO_MANY_REQUESTS,
                    "rate_limit_exceeded",
                    "Rate limit reached.",
                );
                refusal
                    .headers_mut()
                    .insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
                refusal
            }),
            Fault::ContextOverflowOnce => first_time().then(|| {
                refusal(
                    StatusCode::BAD_REQUEST,
                    "context_length_exceeded",
                    "This model's maximum context length is 200000 tokens.",
                )
            }),
            Fault::Unauthorized => Some(refusal(
                StatusCode::UNAUTHORIZED,
                "invalid_api_key",
                "Incorrect API key provided.",
            )),
            Fault::ServerError => Some(refusal(
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "The server had an error.",
            )),
            // Nobody waits a day: the client gives up or the stand-in is dropped.
            Fault::Hang => {
                tokio::time::sleep(Duration::from_secs(24 * 3600)).await;
                None
            }
        }
    }
}

fn answer(reply: &Reply, request: &Request) -> Response {
    if request.stream {
        (
            [(header::CONTENT_TYPE, "text/event-stream")],
            reply.pieces(),
        )
            .into_response()
    } else {
        axum::Json(reply.whole()).into_response()
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body =
        json!({ "error": { "message": message, "type": code, "param": null, "code": code } });
    (status, axum::Json(body)).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
        .map(str::to_owned)
}

fn random_hex() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| std::io::Error::other("the system gave no randomness"))?;
    Ok(hex::encode(bytes))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
