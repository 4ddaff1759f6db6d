//! Where on GitHub something is done.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::RepoName;

/// A repository, and the installation of the App that may work there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RepoRef {
    /// The App's installation.
    pub installation: u64,
    /// The repository.
    pub repo: RepoName,
}

impl RepoRef {
    /// A pull request of it.
    pub fn pull(self, number: u64) -> PullRef {
        PullRef { at: self, number }
    }
}

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PullRef {
    /// Its repository.
    pub at: RepoRef,
    /// Its number.
    pub number: u64,
}

impl PullRef {
    /// What runs one at a time, and what the store keeps its runs under: `owner/name#7`.
    pub fn place(&self) -> String {
        self.to_string()
    }
}

/// `owner/name#7`, as GitHub writes it too.
impl fmt::Display for PullRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.at.repo, self.number)
    }
}
