//! Questions of a workspace to Countersign itself, by the one port that it reaches: what its commands need and the walls keep
//! away. They are no exchanges with the API, so they are not on the tape; a key of an attempt is needed all the same.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio::sync::Semaphore;

use super::refusal::Refusal;
use crate::domain::limits;

/// Below this path; Nango's API has nothing there.
const PATH: &str = "/countersign/compile/";

type Answering = Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send>>;

/// Who answers questions about sources: gets the name of a template and a question, and has an answer or none.
#[derive(Clone)]
pub struct Aside(Arc<dyn Fn(String, Bytes) -> Answering + Send + Sync>);

impl fmt::Debug for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Aside")
    }
}

impl Aside {
    /// Answers with `answer`.
    pub fn new<F>(answer: impl Fn(String, Bytes) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Vec<u8>>> + Send + 'static,
    {
        Self(Arc::new(move |template, question| {
            Box::pin(answer(template, question))
        }))
    }

    /// Nobody answers, and whoever asks does the work.
    pub fn nobody() -> Self {
        Self::new(|_, _| std::future::ready(None))
    }

    /// Whether a request is such a question.
    pub(super) fn is_meant(request: &Request) -> bool {
        request.method() == Method::POST && request.uri().path().starts_with(PATH)
    }

    /// Puts a question when there is a place for it, and the answer to whoever waits for it: the place is taken until there
    /// is one, waited for or not.
    pub(super) async fn carry(&self, request: Request, places: &Arc<Semaphore>) -> Response {
        let path = request.uri().path();
        let template = path.strip_prefix(PATH).unwrap_or_default().to_owned();
        let nothing = |status| {
            Refusal::with(
                status,
                "nobody answers this question",
                "Run the command again without asking; it compiles by itself.",
            )
            .into_response()
        };
        let Ok(place) = Arc::clone(places).acquire_owned().await else {
            return nothing(StatusCode::SERVICE_UNAVAILABLE);
        };
        let Ok(question) = to_bytes(request.into_body(), limits::CHECK_BYTES).await else {
            return nothing(StatusCode::PAYLOAD_TOO_LARGE);
        };
        let answering = (self.0)(template, question);
        let answer = tokio::spawn(async move {
            let answer = answering.await;
            drop(place);
            answer
        });
        match answer.await.ok().flatten() {
            Some(answer) => {
                ([("content-type", "application/json")], Body::from(answer)).into_response()
            }
            None => nothing(StatusCode::NOT_FOUND),
        }
    }
}
