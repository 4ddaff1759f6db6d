//! Modules that are taken with a function: files of the project that it imports, and theirs.

use serde::{Deserialize, Serialize};

use super::name::Digest;

/// Where a module comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "origin", rename_all = "kebab-case")]
pub enum Origin {
    /// It stands like this at the head.
    Given,
    /// The agent wrote it.
    New,
    /// The agent changed it.
    Changed {
        /// Of what stands at the head.
        former: Digest,
        /// Functions of the project that import it, too, relative to the project.
        used_by: Vec<String>,
    },
}

/// One module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Relative to the Nango project.
    pub path: String,
    /// Of its content.
    pub content: Digest,
    /// Where it comes from.
    pub origin: Origin,
}

impl Module {
    /// Whether it is the agent's work.
    pub fn is_agents(&self) -> bool {
        self.origin != Origin::Given
    }
    /// What stands at the head in its place, when that is something else.
    pub fn former(&self) -> Option<&Digest> {
        match &self.origin {
            Origin::Changed { former, .. } => Some(former),
            Origin::Given | Origin::New => None,
        }
    }
}
