//! What can go wrong with git.

use std::path::PathBuf;

use crate::domain::name::Sha;

/// Why something with git was not done. No text in here ever holds a token: tokens are never part of a URL.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The address is none that we fetch from.
    #[error(
        "{url:?} is not an address to fetch from: {why}; it should look like https://host/owner/name.git"
    )]
    Url {
        /// The address, without anything before an `@`.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// There is something in the folder that is not a repository we can use.
    #[error("{} is not a usable git repository; move it away and it will be made anew", dir.display())]
    NotARepository {
        /// The folder.
        dir: PathBuf,
        /// What libgit2 says.
        source: git2::Error,
    },
    /// The user's folder is in no repository that we can read.
    #[error(
        "{} is not in a git repository that can be read here ({}); run it inside of an ordinary clone", dir.display(), source.message()
    )]
    NoLocal {
        /// The folder.
        dir: PathBuf,
        /// What libgit2 says: perhaps that it does not know a format, such as that of a partial clone.
        source: git2::Error,
    },
    /// The repository has no work tree.
    #[error("{} is a bare repository; run it inside of an ordinary clone", dir.display())]
    NoWorkTree {
        /// The repository.
        dir: PathBuf,
    },
    /// A fetch or push was asked of a repository that has no address.
    #[error("{} is a repository of this machine only; there is nowhere to fetch from or push to", dir.display())]
    NoRemote {
        /// The folder.
        dir: PathBuf,
    },
    /// Another process is using the mirror for too long.
    #[error("another process has kept {} locked for {seconds} seconds; try again later", lock.display())]
    Busy {
        /// The lock file.
        lock: PathBuf,
        /// How long we waited.
        seconds: u64,
    },
    /// The file system refused something.
    #[error("could not {doing} {}", path.display())]
    Files {
        /// What we wanted: `create`, `lock`, `write`.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The server does not let us.
    #[error(
        "{url} answered {status}{said}: the token is wrong or expired, the repository is gone, or the App may not do this"
    )]
    Denied {
        /// The repository's address.
        url: String,
        /// 401, 403 or 404.
        status: u16,
        /// The server's own words, after a separator; often empty.
        said: String,
    },
    /// The server answered something that we cannot go on with.
    #[error("{url} answered {what}; if it lasts, look at the server's state")]
    Answer {
        /// The repository's address.
        url: String,
        /// What: a status, a page instead of git's protocol.
        what: String,
    },
    /// The server wants us to go to another one, which the token is not meant for.
    #[error("{url} redirects to {to:?}, which is not followed with a token; correct the address")]
    Redirected {
        /// The repository's address.
        url: String,
        /// The other host.
        to: String,
    },
    /// The server was not reached, or the connection broke.
    #[error("could not talk to {url}; this is tried again")]
    Unreachable {
        /// The repository's address.
        url: String,
        /// What the HTTP client says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It took too long.
    #[error("{url} did not finish within {seconds} seconds")]
    TimedOut {
        /// The repository's address.
        url: String,
        /// How long we waited.
        seconds: u64,
    },
    /// The server does not have what was asked for.
    #[error("{url} has no {}", names.join(", "))]
    NoSuchRef {
        /// The repository's address.
        url: String,
        /// The references that are missing there.
        names: Vec<String>,
    },
    /// A name that git does not allow.
    #[error("{name:?} is not a name of a git reference")]
    RefName {
        /// The name.
        name: String,
    },
    /// The commit is not here.
    #[error("there is no commit {sha} in the repository; fetch it first")]
    NoCommit {
        /// Its id.
        sha: Sha,
    },
    /// There is something other than a regular file at the path.
    #[error("{path} is {what}, not a regular file")]
    NotAFile {
        /// From the repository's root.
        path: String,
        /// What it is: `a symbolic link`, `a submodule`, `a folder`.
        what: &'static str,
    },
    /// More than the limit.
    #[error("{what} is larger than the {limit} {unit} that are allowed")]
    TooMuch {
        /// What: a path, a listing, a patch.
        what: String,
        /// The limit.
        limit: u64,
        /// `bytes` or `paths`.
        unit: &'static str,
    },
    /// A path that must not be written.
    #[error("{path:?} is not a path for a file in a repository: {why}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Something is where a file should go.
    #[error("{path} cannot be written: {what} is in its way")]
    InTheWay {
        /// From the repository's root.
        path: String,
        /// What is there.
        what: &'static str,
    },
    /// The branch exists and is something else.
    #[error("the branch {branch} exists already, at {}; choose another name or delete it", at.short())]
    BranchTaken {
        /// Its name.
        branch: String,
        /// Where it is.
        at: Sha,
    },
    /// A push would drop commits.
    #[error("{} is not built on {}; pushing it would drop commits", commit.short(), expected.short())]
    NotOnTop {
        /// What was to be pushed.
        commit: Sha,
        /// What the branch was expected to be at.
        expected: Sha,
    },
    /// Anything else that libgit2 says.
    #[error("git could not {doing}: {}", source.message())]
    Git {
        /// What we wanted, as a verb phrase.
        doing: &'static str,
        /// What libgit2 says.
        source: git2::Error,
    },
}

impl GitError {
    /// For `map_err`: libgit2 could not do this.
    pub(super) fn git(doing: &'static str) -> impl FnOnce(git2::Error) -> Self {
        move |source| GitError::Git { doing, source }
    }
    /// For `map_err`: the file system refused this.
    pub(super) fn files(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| GitError::Files {
            doing,
            path,
            source,
        }
    }
}
