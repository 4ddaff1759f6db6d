//! Where the pinned tools lie, as data.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::name::Digest;

/// An installed tool chain. Every path is absolute, canonical and read-only for agents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolChain {
    /// The folder that holds it all.
    pub root: PathBuf,
    /// `node_modules` with the Nango CLI, vitest, zod and TypeScript; what a workspace links to.
    pub node_modules: PathBuf,
    /// The Node binary.
    pub node: PathBuf,
    /// The Nango CLI's entry script, run by `node`.
    pub nango: PathBuf,
    /// vitest's entry script, run by `node`.
    pub vitest: PathBuf,
    /// The OpenCode binary.
    pub opencode: PathBuf,
    /// Of the lock file.
    pub lock: Digest,
    /// For example `0.71.10`.
    pub nango_version: String,
    /// For example `1.18.33`.
    pub opencode_version: String,
    /// For example `22.23.3`.
    pub node_version: String,
}
