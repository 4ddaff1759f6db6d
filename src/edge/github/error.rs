//! What can go wrong with GitHub: [`GitHubError`].

use crate::domain::limits;

/// Why GitHub did not do what was asked. `what` is the request: `POST /repos/acme/shop/check-runs`.
#[derive(Debug, thiserror::Error)]
pub enum GitHubError {
    /// The App's private key cannot be used.
    #[error(
        "the App's private key is not an RSA key in PEM; give the file that GitHub made, in COUNTERSIGN_PRIVATE_KEY"
    )]
    Key(#[source] octocrab::jsonwebtoken::errors::Error),
    /// An address of GitHub cannot be used.
    #[error(
        "{name} is not an http or https address without user, query or fragment; set it to something like {example}"
    )]
    Address {
        /// The variable.
        name: &'static str,
        /// What it should look like.
        example: &'static str,
    },
    /// The client for GitHub could not be made.
    #[error("the client for GitHub could not be made")]
    Client(#[source] Box<octocrab::Error>),
    /// GitHub understood and will not.
    #[error(
        "GitHub refused {what} with {status}: {message}{}",
        request(request_id)
    )]
    Refused {
        /// The request.
        what: String,
        /// The HTTP status.
        status: u16,
        /// GitHub's words, with its list of errors; at most [`limits::GITHUB_MESSAGE_CHARS`]. Untrusted text.
        message: String,
        /// What GitHub's support wants to know.
        request_id: Option<String>,
    },
    /// GitHub wants no more requests of this installation before that time. None are sent until then.
    #[error("GitHub wants no more requests before {}", time(*retry_at_ms))]
    RateLimited {
        /// Milliseconds since the epoch.
        retry_at_ms: i64,
    },
    /// GitHub was not reached, or went away before its answer was complete. A write may have been done all the same.
    #[error("GitHub did not answer {what}")]
    Unreachable {
        /// The request.
        what: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// GitHub took too long. A write may have been done all the same.
    #[error("GitHub did not answer {what} within {seconds} seconds")]
    TimedOut {
        /// The request.
        what: String,
        /// How long we waited.
        seconds: u64,
    },
    /// The writes before this one took too long.
    #[error(
        "{what} waited {} seconds for earlier writes to the same installation and was not sent",
        limits::WRITE_WAIT_SECONDS
    )]
    Crowded {
        /// The request.
        what: String,
    },
    /// GitHub's answer is larger than any that is read.
    #[error("GitHub's answer to {what} is larger than {} MB", limits::GITHUB_ANSWER_BYTES >> 20)]
    TooLarge {
        /// The request.
        what: String,
    },
    /// GitHub's answer is not what it documents.
    #[error("GitHub's answer to {what} cannot be read")]
    Unreadable {
        /// The request.
        what: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// GitHub's answer names something by a name that cannot be one.
    #[error("GitHub's answer to {what} has no usable {field}")]
    Missing {
        /// The request.
        what: String,
        /// The field.
        field: &'static str,
    },
    /// A list is longer than we read.
    #[error(
        "the list {what} is longer than {} entries, which is more than is read",
        limits::GITHUB_PAGES * 100
    )]
    TooLong {
        /// The request.
        what: String,
    },
}

/// Whether it is worth to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Not before then; milliseconds since the epoch.
    At(i64),
    /// After a pause of the asker's choice.
    Later,
    /// The same question gets the same answer.
    Never,
}

impl GitHubError {
    /// Whether whoever asked should ask again. Of writes only those that look before they write.
    pub fn again(&self) -> Again {
        match self {
            Self::RateLimited { retry_at_ms } => Again::At(*retry_at_ms),
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Crowded { .. } => Again::Later,
            Self::Refused { status, .. } if *status >= 500 => Again::Later,
            // A token that GitHub does not know yet: it was made on another of its machines a moment ago.
            Self::Refused { status: 401, .. } => Again::Later,
            Self::Unreadable { .. } | Self::Missing { .. } => Again::Later,
            Self::Refused { .. }
            | Self::Key(_)
            | Self::Address { .. }
            | Self::Client(_)
            | Self::TooLarge { .. }
            | Self::TooLong { .. } => Again::Never,
        }
    }

    /// The HTTP status, when GitHub refused.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}

fn request(id: &Option<String>) -> String {
    id.as_ref()
        .map(|id| format!(" (request {id})"))
        .unwrap_or_default()
}

fn time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| "an unknown time".to_owned(), |time| time.to_string())
}
