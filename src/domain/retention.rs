//! How long things are kept: what goes, and what went.

use std::collections::BTreeSet;

use super::name::{Digest, RepoName};

/// Whose runs are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// Everybody's.
    All,
    /// Those of one pull request or of a local repository, by its place.
    Place(String),
    /// Those of one repository on GitHub.
    Repo(RepoName),
    /// Those of one installation of the App.
    Installation(u64),
}

/// Runs whose evidence is not needed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Old {
    /// Whose.
    pub of: Of,
    /// Those that ended before, in milliseconds since the epoch. A run that has not ended is never old.
    pub before_ms: i64,
}

/// What logs name, dossiers and other evidence alike. It may be in both: then it stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// By runs that are old.
    pub going: BTreeSet<Digest>,
    /// By all others, and by what was signed.
    pub staying: BTreeSet<Digest>,
}

/// Whether something is done or only told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is told what would go.
    Show,
    /// It goes.
    Take,
}

/// What went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Dossiers.
    pub dossiers: u64,
    /// Contents that nobody named any more.
    pub blobs: u64,
    /// Bytes of both.
    pub bytes: u64,
}

impl std::fmt::Display for Pruned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let megabytes = self.bytes as f64 / 1e6;
        let Pruned {
            dossiers, blobs, ..
        } = self;
        write!(f, "{dossiers} dossiers, {blobs} blobs, {megabytes:.1} MB")
    }
}
