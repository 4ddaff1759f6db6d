//! What an agent finds in its workspace besides what every workspace has.

use serde::{Deserialize, Serialize};

use super::beginning::{Beginning, SpecChange};

/// The ground that an attempt begins on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// What its function is at first.
    pub beginning: Beginning,
    /// How the spec changed since that was built.
    pub change: SpecChange,
    /// Files of the project that lie in the workspace, read-only.
    pub shown: usize,
    /// Files of it that do not, because they do not fit or are not for agents.
    pub left_out: usize,
    /// Modules of the integration that a function may import, relative to the Nango project.
    pub modules: Vec<String>,
    /// Those that it may not.
    pub unusable: Vec<Unusable>,
}

/// A module that no function can import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unusable {
    /// Relative to the Nango project.
    pub path: String,
    /// The line that is to blame, when it is in this file; from 1.
    pub line: Option<u32>,
    /// Why not: `it imports the package `lodash`, which Nango does not let functions import`.
    pub why: String,
}
