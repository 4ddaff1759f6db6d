//! Parts of messages: headers that go on, bodies within limits, bodies as they stand on the tape.

use std::collections::BTreeMap;

use axum::http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use bytes::{Bytes, BytesMut};
use serde_json::Value;

use super::refusal::Refusal;
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::tape::Body;

/// Headers that concern one connection only (RFC 9110, section 7.6.1).
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers that are meant for whoever comes next.
pub fn without_hops(came: &HeaderMap) -> HeaderMap {
    let named: Vec<HeaderName> = came
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let mut headers = came.clone();
    for name in HOP_BY_HOP {
        headers.remove(*name);
    }
    for name in named {
        headers.remove(name);
    }
    headers
}

/// Why nothing came back.
pub fn unreachable(error: &reqwest::Error) -> Refusal {
    // Without the address: it may be one of the operator's own, and the workspace has no use for it.
    let (status, what) = if error.is_timeout() {
        (
            StatusCode::GATEWAY_TIMEOUT,
            "the API did not answer in time",
        )
    } else if error.is_connect() {
        (StatusCode::BAD_GATEWAY, "the API cannot be reached")
    } else {
        (StatusCode::BAD_GATEWAY, "the API broke the connection off")
    };
    Refusal::failed(status, what)
}

/// The whole answer, if it is not too large.
pub async fn within_limits(mut sent: reqwest::Response) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(chunk) = sent.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + chunk.len() > limits::WIRE_BODY_BYTES {
            return Err(Refusal::failed(
                StatusCode::BAD_GATEWAY,
                format!(
                    "the API's answer is larger than {} bytes",
                    limits::WIRE_BODY_BYTES
                ),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A body as it stands on the tape.
pub fn body_of(bytes: &[u8], headers: &HeaderMap) -> Body {
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let readable = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|encoding| encoding == "identity");
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| readable && !text.is_empty());
    let kept = text.map(|text| &text[..text.floor_char_boundary(limits::TAPE_BODY_BYTES)]);
    Body {
        text: kept.map(str::to_owned),
        bytes: bytes.len() as u64,
        digest: (!bytes.is_empty()).then(|| Digest::of(bytes)),
        cut: kept.map(str::len) < text.map(str::len),
        media_type,
    }
}

/// An answer's headers as they stand on the tape; none when they are not text or too many.
pub fn headers_of(headers: &HeaderMap) -> BTreeMap<String, String> {
    let kept: Option<BTreeMap<String, String>> = headers
        .iter()
        .map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let bytes = |kept: &BTreeMap<String, String>| -> usize {
        kept.iter()
            .map(|(name, value)| name.len() + value.len())
            .sum()
    };
    kept.filter(|kept| bytes(kept) <= limits::TAPE_HEADER_BYTES)
        .unwrap_or_default()
}

/// The API's own words in an error, from the places where APIs put them.
pub fn message_of(body: &[u8]) -> String {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(value) => [
            "/error/message",
            "/error/payload/error/message",
            "/error_description",
            "/message",
            "/error/description",
            "/detail",
            "/errors/0/message",
            "/error",
        ]
        .iter()
        .find_map(|place| value.pointer(place)?.as_str().map(str::to_owned))
        .unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.chars().take(limits::WIRE_MESSAGE_CHARS).collect()
}
