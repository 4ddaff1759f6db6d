//! The server: webhooks in, health, and one page per run. It only stores and shows; workers do the rest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::domain::limits;
use crate::domain::name::RunId;
use crate::edge::github;
use crate::os::meter::{self, Meter};
use crate::report;
use crate::report::page_link::is_page_key;
use crate::run::blocking::in_place;

use super::body_room::BodyRoom;
use super::shown;

/// Answers until `stop`, then finishes what it is answering.
pub async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    secrets: Vec<SecretString>,
    meter: Meter,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let state = ServerState {
        app,
        secrets: secrets.into(),
        meter,
        room: BodyRoom::default(),
        stop: stop.clone(),
    };
    let router = operating()
        .route("/webhook", post(webhook))
        .route("/", get(front))
        .route("/runs/{run}/{key}", get(page));
    answer(router, state, listener, stop).await
}

/// The same for a process that receives nothing: only what whoever operates it reads.
pub async fn serve_operator(
    app: Arc<App>,
    listener: TcpListener,
    meter: Meter,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let state = ServerState {
        app,
        secrets: Arc::default(),
        meter,
        room: BodyRoom::default(),
        stop: stop.clone(),
    };
    answer(operating(), state, listener, stop).await
}

fn operating() -> Router<ServerState> {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

async fn answer(
    router: Router<ServerState>,
    state: ServerState,
    listener: TcpListener,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let router = router
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(limits::ANSWER_SECONDS),
        ))
        .with_state(state);
    axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

#[derive(Clone)]
struct ServerState {
    app: Arc<App>,
    secrets: Arc<[SecretString]>,
    meter: Meter,
    room: BodyRoom,
    stop: CancellationToken,
}

/// Check, store, answer. Nothing is decided here, so that GitHub never waits.
async fn webhook(State(state): State<ServerState>, headers: HeaderMap, body: Body) -> StatusCode {
    let begun = Instant::now();
    let status = take(&state, headers, body).await;
    meter::webhook_answered(status.as_u16(), begun.elapsed());
    status
}

async fn take(state: &ServerState, headers: HeaderMap, body: Body) -> StatusCode {
    let body = match state.room.read(&headers, body).await {
        Ok(body) => body,
        Err(status) => return status,
    };
    let look = || github::open(&headers, &body.bytes, &state.secrets);
    let opened = match body.bytes.len() {
        0..limits::LARGE_WEBHOOK_BYTES => look(),
        _ => in_place(look),
    };
    drop(body);
    let delivery = match opened {
        Ok(delivery) => delivery,
        Err(refusal) => {
            tracing::warn!(%refusal, "a delivery was turned away");
            return StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
        }
    };
    match state.app.deps.store.receive(&delivery).await {
        Ok(_) => {
            // What came before and was worked off is not worked off again.
            state.app.deps.engine.deliver(&delivery.id);
            StatusCode::ACCEPTED
        }
        Err(error) => {
            tracing::error!(%error, "a delivery could not be stored");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Whether the process lives. A database that is away is no reason to end it.
async fn alive() -> &'static str {
    "ok\n"
}

/// Whether a webhook would be taken.
async fn ready(State(state): State<ServerState>) -> (StatusCode, &'static str) {
    if state.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "it is about to end\n");
    }
    match state.app.deps.store.ping().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
        }
    }
}

/// For Prometheus.
async fn metrics(State(state): State<ServerState>) -> Response {
    match state.app.deps.store.how_many_left().await {
        Ok((runs, deliveries)) => meter::left(runs, deliveries),
        // Everything else is still worth reading.
        Err(error) => tracing::error!(%error, "what is left to do cannot be counted"),
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], state.meter.text()).into_response()
}

async fn front() -> &'static str {
    concat!(
        "Countersign ",
        env!("CARGO_PKG_VERSION"),
        ". Reports on pull requests link to the pages of their runs.\n"
    )
}

/// A run's page. Its address holds a key, because a report shows code of private repositories to whoever opens it.
async fn page(
    State(state): State<ServerState>,
    Path((run, key)): Path<(String, String)>,
) -> Response {
    let Ok(run) = run.parse::<RunId>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let expected = state
        .secrets
        .iter()
        .any(|secret| is_page_key(secret, &run, &key));
    if !expected {
        return StatusCode::NOT_FOUND.into_response();
    }
    let html = match state.app.deps.store.events(&run, 0).await {
        Ok(events) if events.is_empty() => return StatusCode::NOT_FOUND.into_response(),
        Ok(events) => in_place(|| shown::view(state.app.deps.github.as_ref(), events))
            .map_err(|error| error.to_string())
            .and_then(|view| {
                in_place(|| report::page::render(&view)).map_err(|error| error.to_string())
            }),
        Err(error) => Err(error.to_string()),
    };
    match html {
        Ok(html) => {
            let headers = [
                (header::CACHE_CONTROL, "no-store"),
                (header::REFERRER_POLICY, "no-referrer"),
            ];
            (headers, Html(html)).into_response()
        }
        Err(error) => {
            tracing::error!(error, %run, "a page could not be shown");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
