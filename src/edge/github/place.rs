//! Where something is done on GitHub.

use serde::{Deserialize, Serialize};

use crate::domain::name::RepoName;

/// Where something is done.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Where {
    /// The App's installation that may work there.
    pub installation: u64,
    /// The repository.
    pub repo: RepoName,
}
