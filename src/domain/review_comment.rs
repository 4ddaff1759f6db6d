//! What stands at lines of a pull request's diff, as GitHub has it now.

use super::webhook_event::Actor;

/// Where a review comment stands in the diff of the newest commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Below lines of the file as it is now.
    Lines {
        /// From 1.
        first: u32,
        /// Not before the first.
        last: u32,
    },
    /// At the file as a whole.
    File,
    /// At lines that the pull request takes away.
    Removed,
    /// Nowhere any more: its lines have changed since.
    Outdated,
}

/// A review comment: written at a line, or an answer to one that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewComment {
    /// Its id; the greater is the newer.
    pub id: u64,
    /// Who wrote it; absent when the account is gone.
    pub author: Option<Actor>,
    /// The file, from the repository's root.
    pub path: String,
    /// Where in the file.
    pub anchor: Anchor,
    /// The lines of the diff above it, each with its sign. Untrusted text.
    pub hunk: String,
    /// Markdown. Untrusted text.
    pub body: String,
}
