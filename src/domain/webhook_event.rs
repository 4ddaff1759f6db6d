//! What a webhook delivery says, in our own words. Made by `edge::github::payload`; a hint only: whoever
//! acts on it reads the pull request again.

use super::button::Button;
use super::comment::CommentAt;
use super::name::{RepoName, Sha};
use super::place::{PullRef, RepoRef};
use super::pull::Trigger;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Their login.
    pub login: String,
    /// Their id.
    pub id: u64,
    /// Whether GitHub calls them a bot.
    pub kind: ActorKind,
}

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A person, or an account that GitHub does not mark as a bot.
    Person,
    /// A GitHub App's account.
    Bot,
}

/// What happened to a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullChange {
    /// Something that makes us look at its head.
    Look(Trigger),
    /// It was closed or merged.
    Closed,
}

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookEvent {
    /// A pull request changed.
    Pull {
        /// How.
        change: PullChange,
        /// Which.
        pull: PullRef,
        /// Who did it.
        sender: Actor,
    },
    /// Somebody wrote a comment at a pull request (not below a plain issue), or a review.
    Comment {
        /// Which pull request.
        pull: PullRef,
        /// The comment.
        comment: CommentAt,
        /// Its text. Untrusted.
        body: String,
        /// Who wrote it.
        author: Actor,
        /// Who caused the delivery; the same person for a new comment.
        sender: Actor,
    },
    /// Somebody pressed *Re-run* on a check run or on all checks, or a button of ours.
    Pressed {
        /// Which.
        button: Button,
        /// What they pressed it on.
        check: PressedCheck,
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

/// A check at which somebody pressed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PressedCheck {
    /// The repository.
    pub at: RepoRef,
    /// The commit whose check it is.
    pub head: Sha,
    /// Our run's id, which a check run carries; absent for a whole suite.
    pub run: Option<String>,
    /// The pull requests that GitHub names; empty for forks, which then have to be found by `run` or `head`.
    pub pulls: Vec<u64>,
}

/// What an installation event takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gone {
    /// Nothing.
    Nothing,
    /// These repositories.
    Repos(Vec<RepoName>),
    /// The whole installation.
    All,
}
