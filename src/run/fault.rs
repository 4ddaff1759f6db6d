//! What goes wrong on our side of the fence. Nothing in here is ever the author's fault.

use crate::domain::ending::CancelReason;
use crate::domain::limits;
use crate::edge::blobs::DossierError;
use crate::edge::git::GitError;
use crate::edge::github::{Again, GitHubError};

/// Why work ends before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelCause {
    /// The run is not wanted any more.
    Asked(CancelReason),
    /// This process is told to end; the next goes on with the work.
    Shutdown,
    /// Somebody took this build out of the run.
    CalledOff,
    /// Somebody else has taken the run up.
    Taken,
}

/// Why a step could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The work was cancelled.
    #[error("it was cancelled: {0:?}")]
    Cancelled(CancelCause),
    /// It may go better later: the disk is full, a program did not start.
    #[error("could not {what}: {source}")]
    Passing {
        /// What was tried, as a verb phrase.
        what: String,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Somebody else cannot be reached or asks us to wait, GitHub above all. Nothing of ours is wrong, and nothing is
    /// given up because of it for [`limits::AWAY_HOURS`].
    #[error("could not {what}: {}", with_causes(source.as_ref()))]
    Away {
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
        }
    }

    /// Something that GitHub did not do; it says itself whether trying again makes sense.
    pub fn github(what: impl Into<String>, error: GitHubError) -> Self {
        match error.again() {
            // Now and then GitHub refuses what it takes a moment later ("was submitted too quickly"): a few tries are worth it.
            Again::Never if error.status().is_some() => Fault::passing(what, error),
            Again::Never => Fault::Lasting(format!("could not {}: {error}", what.into())),
            Again::Later => Fault::away(what, error, None),
            Again::At(at_ms) => Fault::away(what, error, Some(at_ms)),
        }
    }

    /// Something that cannot be, and is.
    pub fn bug(what: impl std::fmt::Display) -> Self {
        Fault::Lasting(format!("BUG: {what}"))
    }

    /// Something that git did not do: a server that cannot be reached is not ours.
    pub fn git(what: impl Into<String>, error: GitError) -> Self {
        match error {
            GitError::Unreachable { .. } | GitError::TimedOut { .. } | GitError::Answer { .. } => {
                Fault::away(what, error, None)
            }
            // A token that was revoked; the next try has another.
            GitError::Denied { status: 401, .. } => Fault::away(what, error, None),
            _ => Fault::passing(what, error),
        }
    }

    /// Something that did not become of evidence: a bucket that does not answer is not ours.
    pub fn evidence(what: impl Into<String>, error: impl Into<DossierError>) -> Self {
        let error = error.into();
        match error.is_away() {
            true => Fault::away(what, error, None),
            false => Fault::passing(what, error),
        }
    }

    fn away(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
        not_before_ms: Option<i64>,
    ) -> Self {
        Fault::Away {
            what: what.into(),
            source: source.into(),
            not_before_ms,
        }
    }

    /// Whether and when to try again, after the `attempt`th failure of what was asked for at `asked_ms`.
    pub fn retry(&self, now_ms: i64, attempt: u32, asked_ms: i64) -> Retry {
        match self {
            Fault::Cancelled(_) | Fault::Lasting(_) => Retry::Never,
            Fault::Passing { .. } => {
                Retry::Counted(now_ms + limits::RETRY_PAUSE_MS.saturating_mul(1 << attempt.min(10)))
            }
            Fault::Away { not_before_ms, .. } => {
                let waited = (now_ms - asked_ms).max(0);
                if waited > limits::AWAY_HOURS * 60 * 60 * 1000 {
                    return Retry::Never;
                }
                let pause = (waited / 4).clamp(limits::RETRY_PAUSE_MS, limits::AWAY_PAUSE_MS);
                Retry::Uncounted((now_ms + pause).max(not_before_ms.unwrap_or(0)))
            }
        }
    }
}

/// What failed work may hope for. Times are milliseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Another attempt then, as long as there are attempts left.
    Counted(i64),
    /// The same attempt then.
    Uncounted(i64),
    /// Nothing.
    Never,
}

/// An error with what caused it: an address alone does not say why it was not reached.
fn with_causes(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = next.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_github_refuses_is_tried_again_and_counted() {
        let refused = Fault::github(
            "post",
            GitHubError::Refused {
                what: "POST /".into(),
                status: 422,
                message: "was submitted too quickly".into(),
                request_id: None,
            },
        );
        assert!(matches!(refused.retry(0, 1, 0), Retry::Counted(_)));
        let large = Fault::github(
            "read",
            GitHubError::TooLarge {
                what: "GET /".into(),
            },
        );
        assert_eq!(large.retry(0, 1, 0), Retry::Never);
    }

    #[test]
    fn an_outage_is_waited_out_and_what_is_ours_is_counted() {
        let away = Fault::away("post", std::io::Error::other("GitHub is away"), Some(7_000));
        assert_eq!(away.retry(1_000, 5, 0), Retry::Uncounted(7_000));
        let hour = 60 * 60 * 1000;
        assert_eq!(
            away.retry(hour, 5, 0),
            Retry::Uncounted(hour + limits::AWAY_PAUSE_MS)
        );
        assert_eq!(
            away.retry(limits::AWAY_HOURS * hour + 1, 1, 0),
            Retry::Never
        );
        let ours = Fault::passing("write", std::io::Error::other("the disk is full"));
        assert_eq!(
            ours.retry(0, 2, 0),
            Retry::Counted(4 * limits::RETRY_PAUSE_MS)
        );
        assert_eq!(Fault::bug("x").retry(0, 1, 0), Retry::Never);
    }
}
