//! What goes wrong on our side of the fence. Nothing in here is ever the author's fault.

use crate::domain::limits;
use crate::edge::github::{Again, GitHubError};

/// Why a step could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The work was called back; somebody else ends or goes on with it.
    #[error("it was called back")]
    CalledBack,
    /// It may go better later: GitHub is down, the disk is full, a program did not start.
    #[error("could not {what}: {source}")]
    Passing {
        /// What was tried, as a verb phrase.
        what: String,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
        /// Not before then; milliseconds since the epoch.
        not_before_ms: Option<i64>,
    },
    /// It will not go better by itself.
    #[error("{0}")]
    Lasting(String),
}

impl Fault {
    /// Something that may go better later.
    pub fn passing(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Fault::Passing {
            what: what.into(),
            source: source.into(),
            not_before_ms: None,
        }
    }

    /// Something that GitHub did not do; it says itself whether trying again makes sense.
    pub fn github(what: impl Into<String>, error: GitHubError) -> Self {
        match error.again() {
            Again::Never => Fault::Lasting(format!("could not {}: {error}", what.into())),
            Again::Later => Fault::passing(what, error),
            Again::At(at_ms) => Fault::Passing {
                what: what.into(),
                source: error.into(),
                not_before_ms: Some(at_ms),
            },
        }
    }

    /// Something that cannot be, and is.
    pub fn bug(what: impl std::fmt::Display) -> Self {
        Fault::Lasting(format!("BUG: {what}"))
    }

    /// When to try again, for the `attempt`th failure; never for what does not get better.
    pub fn retry_at_ms(&self, now_ms: i64, attempt: u32) -> Option<i64> {
        match self {
            Fault::CalledBack | Fault::Lasting(_) => None,
            Fault::Passing { not_before_ms, .. } => {
                let pause = limits::RETRY_PAUSE_MS.saturating_mul(1 << attempt.min(10));
                Some((now_ms + pause).max(not_before_ms.unwrap_or(0)))
            }
        }
    }
}
