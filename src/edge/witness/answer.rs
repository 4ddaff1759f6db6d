//! What goes back to a workspace, from the API or from the witness itself.

use axum::body::Body as HttpBody;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::refusal::Refusal;
use crate::domain::tape::Exchange;

/// What goes back to the workspace.
pub struct Answer {
    /// As passed on.
    pub status: StatusCode,
    /// As passed on.
    pub headers: HeaderMap,
    /// As passed on.
    pub body: Bytes,
    /// Why the witness answered itself, if it did.
    pub refused: Option<String>,
}

impl Answer {
    /// An answer that was given before, from the tape.
    pub fn again(before: &Exchange) -> Self {
        let headers = before.response_headers.iter().filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value).ok()?))
        });
        Self {
            status: StatusCode::from_u16(before.status).unwrap_or(StatusCode::BAD_GATEWAY),
            headers: headers.collect(),
            body: before.response.text.clone().unwrap_or_default().into(),
            refused: None,
        }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let json = HeaderValue::from_static("application/json");
        Self {
            status: refusal.status,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, json)]),
            body: refusal.body().to_string().into(),
            refused: Some(refusal.message),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(HttpBody::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The environment's variables, as a workspace sees them.
pub fn no_variables() -> Answer {
    let json = HeaderValue::from_static("application/json");
    Answer {
        status: StatusCode::OK,
        headers: HeaderMap::from_iter([(CONTENT_TYPE, json)]),
        body: Bytes::from_static(b"[]"),
        refused: Some("answered by the witness: there are no variables in a workspace".into()),
    }
}

/// Metadata for the connection, taken down and not written; answered as Nango does it.
pub fn taken_down(metadata: Bytes) -> Answer {
    let json = HeaderValue::from_static("application/json");
    Answer {
        status: StatusCode::OK,
        headers: HeaderMap::from_iter([(CONTENT_TYPE, json)]),
        body: metadata,
        refused: Some("answered by the witness: metadata is taken down and not written".into()),
    }
}
