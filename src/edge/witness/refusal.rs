//! What the witness answers itself: always JSON that says what was refused and what to do instead, so that an honest
//! agent reports it and does not guess.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A request that does not reach the API, or whose answer does not come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The answer's status.
    pub status: StatusCode,
    /// For programs: `witness_refused` when it was forbidden, `witness_failed` when it went wrong.
    pub code: &'static str,
    /// What was refused.
    pub message: String,
    /// What to do instead.
    pub way_out: &'static str,
}

impl Refusal {
    /// A request that is forbidden.
    pub fn forbidden(message: impl Into<String>, way_out: &'static str) -> Self {
        Self::with(StatusCode::FORBIDDEN, message, way_out)
    }

    /// A request that is malformed.
    pub fn malformed(message: impl Into<String>, way_out: &'static str) -> Self {
        Self::with(StatusCode::BAD_REQUEST, message, way_out)
    }

    /// A request that is refused with this status.
    pub fn with(status: StatusCode, message: impl Into<String>, way_out: &'static str) -> Self {
        Self {
            status,
            code: "witness_refused",
            message: message.into(),
            way_out,
        }
    }

    /// A request that was allowed and failed.
    pub fn failed(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            code: "witness_failed",
            message: message.into(),
            way_out: "The API or the way to it is at fault. Try again once; then report it with this message.",
        }
    }

    /// The body of the answer.
    pub fn body(&self) -> serde_json::Value {
        json!({"error": {"code": self.code, "message": self.message, "way_out": self.way_out}})
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}
