//! A collector of traces on loopback: it takes whatever comes, and keeps it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use tokio::net::TcpListener;

/// The collector. It listens until the test ends.
pub struct Collector {
    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` takes.
    pub url: String,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Collector {
    pub async fn start() -> Self {
        let received: Arc<Mutex<Vec<u8>>> = Arc::default();
        let kept = received.clone();
        let take = async move |body: Bytes| kept.lock().expect("no panic").extend(body);
        let router = Router::new().route("/v1/traces", post(take));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, received }
    }

    /// Whether these words stand in what was sent; names and values are text in it.
    pub fn holds(&self, words: &str) -> bool {
        let received = self.received.lock().expect("no panic");
        received
            .windows(words.len())
            .any(|some| some == words.as_bytes())
    }
}
