//! A request and its answer.

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::limits;

use super::error::GitHubError;
use crate::text::clip::shorten;

/// A request.
pub(super) struct ApiCall<'a> {
    pub method: Method,
    /// Below the address of the API, with its query.
    pub path: &'a str,
    pub body: Option<&'a Value>,
}

impl<'a> ApiCall<'a> {
    pub(super) fn get(path: &'a str) -> Self {
        Self {
            method: Method::GET,
            path,
            body: None,
        }
    }

    /// As errors name it: without its query, which holds nothing that helps.
    pub(super) fn what(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// How often a request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sending {
    /// Once: it changes something, and GitHub may have done it although no answer came.
    Once,
    /// Up to [`limits::GITHUB_READS`] times: it does no harm when it is done twice.
    Repeated,
}

/// GitHub's answer, whatever its status.
pub(super) struct ApiAnswer {
    pub what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl ApiAnswer {
    /// The answer's body when GitHub did what was asked, and an error when not.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, GitHubError> {
        if !(200..300).contains(&self.status) {
            return Err(self.refusal());
        }
        serde_json::from_slice(&self.body).map_err(|source| GitHubError::Unreadable {
            what: self.what.clone(),
            source,
        })
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn message(&self) -> String {
        #[derive(serde::Deserialize, Default)]
        struct ErrorWords {
            message: Option<String>,
            errors: Option<Value>,
        }
        let words: ErrorWords = serde_json::from_slice(&self.body).unwrap_or_default();
        let message = words.message.unwrap_or_else(|| "no message".to_owned());
        let message = match words.errors {
            Some(errors) => format!("{message}; {errors}"),
            None => message,
        };
        shorten(&message, limits::GITHUB_MESSAGE_CHARS)
    }

    fn refusal(&self) -> GitHubError {
        GitHubError::Refused {
            what: self.what.clone(),
            status: self.status,
            message: self.message(),
            request_id: self
                .header("x-github-request-id")
                .map(|id| shorten(id, limits::NAME_CHARS)),
        }
    }
}
