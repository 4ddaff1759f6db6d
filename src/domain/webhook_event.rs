//! What a webhook delivery says, in our own words. Made at the door by `edge::github::payload`; a hint only: whoever
//! acts on it reads the pull request again.

use serde::{Deserialize, Serialize};

use super::name::{RepoName, Sha};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Their login.
    pub login: String,
    /// Their id.
    pub id: u64,
    /// Whether GitHub calls them a bot.
    pub kind: ActorKind,
}

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// A person, or an account that GitHub does not mark as a bot.
    Person,
    /// A GitHub App's account.
    Bot,
}

/// What happened to a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PullAction {
    /// It was opened.
    Opened,
    /// Its branch moved.
    Synchronize,
    /// It was opened again.
    Reopened,
    /// It is no draft any more.
    ReadyForReview,
    /// It was closed or merged.
    Closed,
    /// Its base branch was changed.
    BaseChanged,
}

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "happening", rename_all = "kebab-case")]
pub enum WebhookEvent {
    /// A pull request changed.
    Pull {
        /// How.
        action: PullAction,
        /// The installation.
        installation: u64,
        /// The repository.
        repo: RepoName,
        /// Its number.
        number: u64,
        /// The head that the delivery names; may be old.
        head: Sha,
        /// Who did it.
        sender: Actor,
    },
    /// Somebody wrote a comment below a pull request (not below a plain issue).
    Comment {
        /// The installation.
        installation: u64,
        /// The repository.
        repo: RepoName,
        /// The pull request.
        number: u64,
        /// The comment.
        comment: u64,
        /// Its text. Untrusted.
        body: String,
        /// Who wrote it.
        author: Actor,
        /// Who caused the delivery; the same person for a new comment.
        sender: Actor,
    },
    /// Somebody pressed *Re-run* on a check run or on all checks.
    Rerequested {
        /// The installation.
        installation: u64,
        /// The repository.
        repo: RepoName,
        /// The commit whose check it is.
        head: Sha,
        /// Our run's id, which the check run carries; absent for a whole suite.
        external_id: Option<String>,
        /// The pull requests that GitHub names; empty for forks.
        pulls: Vec<u64>,
        /// Who pressed it.
        sender: Actor,
    },
    /// The App was installed, removed, suspended, given or taken repositories.
    Installation {
        /// `installation.created`, `installation_repositories.removed`, ...
        what: String,
        /// The installation.
        installation: u64,
        /// Whether the App can work there no longer.
        gone: Gone,
    },
    /// GitHub tries the address.
    Ping,
    /// Something that is not ours to act on.
    Ignored {
        /// Which event, and why not.
        why: String,
    },
}

/// What an installation event takes away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "gone", content = "repos", rename_all = "kebab-case")]
pub enum Gone {
    /// Nothing.
    Nothing,
    /// These repositories.
    Repos(Vec<RepoName>),
    /// The whole installation.
    All,
}
