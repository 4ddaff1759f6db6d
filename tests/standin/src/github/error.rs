//! Why the stand-in could not do what a test or the demo asked of it. What it refuses a *client* is an answer, not this.

use crate::names::RepoName;

/// A helper of the stand-in was used wrongly, or the machine refused.
#[derive(Debug, thiserror::Error)]
pub enum StandInError {
    /// Its folder, its sockets or `git http-backend` could not be had.
    #[error(
        "the stand-in for GitHub cannot {what}: {source}; see whether the temporary folder is writable"
    )]
    Io {
        /// What it tried.
        what: &'static str,
        /// The operating system's words.
        source: std::io::Error,
    },
    /// libgit2 refused.
    #[error("the stand-in for GitHub cannot work on its repository: {0}")]
    Git(#[from] git2::Error),
    /// The App's key could not be made.
    #[error("the stand-in for GitHub cannot make the App's key pair")]
    Key,
    /// The client that delivers webhooks could not be made.
    #[error("the stand-in for GitHub cannot make the client that delivers webhooks: {0}")]
    Client(#[from] reqwest::Error),
    /// There is no such repository.
    #[error("the stand-in for GitHub has no repository {0}; make it with `create_repo` or `fork`")]
    NoRepo(RepoName),
    /// There is no such thing in the repository.
    #[error("the stand-in for GitHub has no {what} {which} in {repo}")]
    Nothing {
        /// What kind of thing.
        what: &'static str,
        /// Its number, id or name.
        which: String,
        /// Where it was looked for.
        repo: RepoName,
    },
}
