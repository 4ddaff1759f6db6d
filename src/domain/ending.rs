//! How a run ends, and why one is stopped before its end.

use serde::{Deserialize, Serialize};

use super::name::{RunId, Sha};

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ending", rename_all = "kebab-case")]
pub enum Ending {
    /// Every build was brought to its end; the verdicts say the rest.
    Finished,
    /// The head changes no specs.
    NothingToDo,
    /// It waits for a person: a draft is made ready, somebody who may write here starts it.
    Waiting {
        /// For what, as a sentence.
        why: String,
    },
    /// A newer head or request took its place.
    Superseded {
        /// What did.
        by: Successor,
    },
    /// Somebody or something stopped it.
    Cancelled {
        /// Why.
        #[serde(alias = "why")]
        reason: CancelReason,
    },
    /// It was refused before it began: a limit, broken settings, no leave.
    Declined {
        /// Why, as a sentence for the author.
        why: String,
    },
    /// A fault of ours.
    Faulted {
        /// What went wrong, as a sentence.
        why: String,
    },
}

impl Ending {
    /// The ending of a run that was stopped for this reason.
    pub fn stopped(reason: CancelReason) -> Self {
        match reason {
            CancelReason::Superseded { by } => Ending::Superseded {
                by: Successor::Run(by),
            },
            reason => Ending::Cancelled { reason },
        }
    }

    /// The ending of a run whose branch moved while it worked; `to` is absent when the branch is gone.
    pub fn moved(to: Option<Sha>) -> Self {
        match to {
            Some(to) => Ending::Superseded {
                by: Successor::Commit(to),
            },
            None => Ending::Cancelled {
                reason: CancelReason::BranchDeleted,
            },
        }
    }
}

/// What took a run's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Successor {
    /// Another run of the same pull request.
    Run(RunId),
    /// A commit that the branch has now.
    Commit(Sha),
    /// As an earlier version wrote it down, in words.
    #[serde(untagged)]
    Told(String),
}

/// Why a run is stopped before its end. Asked for in one place and told in another, maybe by another process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CancelReason {
    /// A newer run of the same pull request.
    Superseded {
        /// Which.
        by: RunId,
    },
    /// The pull request was closed or merged.
    PullRequestClosed,
    /// The branch that it wants to go into, or its own, cannot be fetched any more.
    BranchGone,
    /// Its branch was deleted while the run worked.
    BranchDeleted,
    /// The App was taken off the account.
    Uninstalled,
    /// The App was taken off the repository.
    RepositoryRemoved,
    /// It took longer than the settings allow.
    TookTooLong {
        /// What they allow.
        minutes: u32,
    },
    /// Whoever ran it on the command line stopped it.
    Interrupted,
    /// Somebody said `/cancel`.
    Command {
        /// Their login.
        by: String,
    },
    /// Somebody pressed *Cancel*.
    Pressed {
        /// Their login.
        by: String,
    },
    /// As an earlier version wrote it down, in words.
    #[serde(untagged)]
    Told(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_version_wrote_is_read_and_what_is_written_is_typed() {
        for (old, expected) in [
            (
                r#"{"ending":"superseded","by":"run 0123456789ab"}"#,
                Ending::Superseded {
                    by: Successor::Told("run 0123456789ab".into()),
                },
            ),
            (
                r#"{"ending":"cancelled","why":"the pull request was closed"}"#,
                Ending::Cancelled {
                    reason: CancelReason::Told("the pull request was closed".into()),
                },
            ),
        ] {
            assert_eq!(serde_json::from_str::<Ending>(old).expect(old), expected);
        }
        let run: RunId = "0123456789ab".parse().expect("a run");
        for reason in [
            CancelReason::Superseded { by: run },
            CancelReason::PullRequestClosed,
            CancelReason::TookTooLong { minutes: 5 },
        ] {
            let ending = Ending::stopped(reason);
            let text = serde_json::to_string(&ending).expect("JSON");
            assert!(!text.contains("Told"), "{text}");
            assert_eq!(serde_json::from_str::<Ending>(&text).expect("JSON"), ending);
        }
    }
}
