//! What can go wrong with Temporal.

use reqwest::Url;
use temporalio_client::errors::{ClientConnectError, ClientNewError};

use crate::domain::limits;

/// Why it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TemporalError {
    /// No connection.
    #[error("Temporal at {url} does not answer: {source}")]
    Connect {
        /// Where.
        url: Url,
        /// Why.
        source: Box<ClientConnectError>,
    },
    /// It was not there in time.
    #[error(
        "Temporal at {url} does not answer within {} seconds",
        limits::ENGINE_SECONDS
    )]
    Silent {
        /// Where.
        url: Url,
    },
    /// The SDK cannot begin.
    #[error("the client of Temporal cannot begin: {0}")]
    Client(#[from] ClientNewError),
    /// The same, further in.
    #[error("the runtime of Temporal cannot begin: {0}")]
    Runtime(#[from] temporalio_sdk::error::RuntimeError),
    /// A call failed.
    #[error("Temporal could not {what}: {source}")]
    Call {
        /// For a person: `begin a build`.
        what: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A call that failed; `what` is for a person.
pub(super) fn failed(
    what: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> TemporalError {
    TemporalError::Call {
        what,
        source: source.into(),
    }
}
