//! What a person may do with a repository.

use serde::{Deserialize, Serialize};

/// A person's role in a repository, as GitHub has it now. Ordered: the more powerful is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// None that we know of. Also what anything unknown is taken for.
    None,
    /// Sees it.
    Read,
    /// Sorts issues and pull requests.
    Triage,
    /// Pushes to it.
    Write,
    /// Pushes, and changes some settings.
    Maintain,
    /// Everything.
    Admin,
}
