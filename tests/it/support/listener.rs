//! A small HTTP server for one test: it notes what it is asked and answers what the test says.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Value,
    pub at: Instant,
}

impl Asked {
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// Listens on loopback until it is dropped with its runtime.
pub struct Listener {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Listener {
    pub async fn start(answer: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let notes = asked.clone();
        let answer = Arc::new(answer);
        let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let request = Asked {
                method,
                path: uri.path().to_owned(),
                query: uri.query().unwrap_or_default().to_owned(),
                headers,
                body: serde_json::from_slice(&body).unwrap_or_default(),
                at: Instant::now(),
            };
            notes.lock().expect("no panic").push(request.clone());
            let answer = answer.clone();
            async move { answer(&request) }
        };
        let app = axum::Router::new().fallback(handler);
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = socket.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(socket, app).await });
        Self {
            url: format!("http://{address}"),
            asked,
        }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }

    /// The requests that begin with these words: `POST /repos`.
    pub fn lines(&self, beginning: &str) -> Vec<Asked> {
        let mut asked = self.asked();
        asked.retain(|asked| asked.line().starts_with(beginning));
        asked
    }
}

/// An answer in JSON.
pub fn json(status: u16, body: Value) -> Response {
    let status = StatusCode::from_u16(status).expect("an HTTP status");
    (status, axum::Json(body)).into_response()
}
