//! Nango's own endpoints, as the CLI and the SDK of 0.71 use them, and the proxy.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri};
use axum::http::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::{Answer, Ask, CANARY_REFRESH, CANARY_TOKEN, CONNECTIONS, Seen, World, lock};

const MAX_BODY: usize = 8 * 1024 * 1024;

struct Server {
    secret: String,
    world: Arc<Mutex<World>>,
}

pub(super) fn router(secret: String, world: Arc<Mutex<World>>) -> Router {
    Router::new()
        .fallback(serve)
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .with_state(Arc::new(Server { secret, world }))
}

async fn serve(
    State(server): State<Arc<Server>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut world = lock(&server.world);
    let text = String::from_utf8_lossy(&body).into_owned();
    let ask = Ask {
        method: method.clone(),
        path: uri.path().to_owned(),
        query: pairs(uri.query().unwrap_or_default()),
        body,
    };
    let answer = if authorized(&headers, &server.secret) {
        route(&mut world, ask, &headers)
    } else {
        error(
            401,
            "unknown_account",
            "Authentication failed. The provided secret/public key does not match any account.",
        )
    };
    world.seen.push(Seen {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        authorization: header(&headers, "authorization").map(str::to_owned),
        body: text,
        status: answer.status,
    });
    respond(answer)
}

fn respond(answer: Answer) -> Response<Body> {
    let empty = answer.body.is_null();
    let bytes = if empty {
        Vec::new()
    } else {
        answer.body.to_string().into_bytes()
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = axum::http::StatusCode::from_u16(answer.status).unwrap_or_default();
    if !empty {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert("content-type", json);
    }
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn authorized(headers: &HeaderMap, secret: &str) -> bool {
    header(headers, "authorization").and_then(|value| value.strip_prefix("Bearer ")) == Some(secret)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://localhost/?{query}"));
    url.map(|url| url.query_pairs().into_owned().collect())
        .unwrap_or_default()
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    Answer::new(
        status,
        json!({ "error": { "code": code, "message": message } }),
    )
}

fn route(world: &mut World, ask: Ask, headers: &HeaderMap) -> Answer {
    if ask.path == "/proxy" || ask.path.starts_with("/proxy/") {
        return proxy(world, ask, headers);
    }
    let key = ask.param("provider_config_key");
    match (ask.method.as_str(), ask.parts().as_slice()) {
        ("GET", ["connections"]) => {
            let wanted = ask.param("connectionId");
            let found: Vec<Value> = CONNECTIONS
                .iter()
                .filter(|(id, _)| wanted.is_none_or(|wanted| wanted == *id))
                .map(|(id, integration)| listed(id, integration))
                .collect();
            Answer::new(200, json!({ "connections": found }))
        }
        ("GET", ["connection" | "connections", id]) => connection(id, key),
        ("POST" | "PATCH", ["connections", "metadata"]) => Answer::new(200, ask.json()),
        ("GET", ["integrations"]) => {
            let all: Vec<Value> = CONNECTIONS
                .iter()
                .map(|(_, key)| integration(key))
                .collect();
            Answer::new(200, json!({ "data": all }))
        }
        ("GET", ["integrations", key]) => {
            if CONNECTIONS.iter().any(|(_, known)| known == key) {
                Answer::new(200, json!({ "data": integration(key) }))
            } else {
                error(
                    404,
                    "not_found",
                    &format!("Integration \"{key}\" does not exist"),
                )
            }
        }
        ("GET", ["environment-variables"]) => Answer::new(200, json!([])),
        ("POST", ["cli", "telemetry"]) => Answer::new(200, json!({})),
        _ => error(404, "not_found", "Not found"),
    }
}

fn connection(id: &str, key: Option<&str>) -> Answer {
    let Some(key) = key else {
        return error(
            400,
            "missing_provider_config",
            "Missing parameter 'provider_config_key'.",
        );
    };
    if !CONNECTIONS.iter().any(|(_, known)| *known == key) {
        return error(
            400,
            "unknown_provider_config",
            "There is no integration with this provider_config_key.",
        );
    }
    if !CONNECTIONS.contains(&(id, key)) {
        return error(404, "not_found", "Failed to find connection");
    }
    let mut connection = listed(id, key);
    connection["credentials"] = json!({
        "type": "OAUTH2",
        "access_token": CANARY_TOKEN,
        "refresh_token": CANARY_REFRESH,
        "expires_at": "2027-01-01T00:00:00.000Z",
        "raw": { "access_token": CANARY_TOKEN, "refresh_token": CANARY_REFRESH, "token_type": "Bearer" },
    });
    Answer::new(200, connection)
}

fn listed(id: &str, integration: &str) -> Value {
    let number = CONNECTIONS.iter().position(|(known, _)| *known == id);
    json!({
        "id": number.unwrap_or_default() + 1,
        "connection_id": id,
        "provider_config_key": integration,
        "provider": integration,
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
        "last_fetched_at": "2026-01-01T00:00:00.000Z",
        "connection_config": {},
        "metadata": {},
        "errors": [],
        "end_user": null,
        "tags": {},
    })
}

fn integration(key: &str) -> Value {
    json!({
        "unique_key": key,
        "display_name": key,
        "provider": key,
        "logo": "",
        "created_at": "2026-01-01T00:00:00.000Z",
        "updated_at": "2026-01-01T00:00:00.000Z",
    })
}

fn proxy(world: &mut World, mut ask: Ask, headers: &HeaderMap) -> Answer {
    let (id, key) = (
        header(headers, "connection-id"),
        header(headers, "provider-config-key"),
    );
    let (Some(id), Some(key)) = (id, key) else {
        return error(
            400,
            "missing_connection_id",
            "Missing header 'Connection-Id' or 'Provider-Config-Key'.",
        );
    };
    if !CONNECTIONS.contains(&(id, key)) {
        return error(
            400,
            "unknown_connection",
            "No connection matching the provided params of 'connection_id' and 'provider_config_key'.",
        );
    }
    ask.path = ask.path.trim_start_matches("/proxy").to_owned();
    match key {
        "google-calendar" => world.google.calendar(&ask),
        "google-drive" => super::drive::answer(&ask),
        "google-sheet" => world.sheets.answer(&ask),
        "hubspot" => world.hubspot.answer(&ask),
        _ => world.slack.answer(&ask),
    }
}
