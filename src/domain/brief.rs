//! What an agent is told, as data. How it reads is in [`crate::rules::brief`].

use serde::{Deserialize, Serialize};

use super::ground::Ground;
use super::guidance::Guidance;
use super::spec::Spec;

/// Where skills lie in a workspace, relative to it. Agents are configured to look there and nowhere else.
pub const SKILLS_FOLDER: &str = ".agents/skills";

/// A skill that lies in the workspace, in the Agent Skills format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// The folder's name.
    pub name: String,
    /// When to use it, from the front matter.
    pub description: String,
    /// Where it lies, relative to the workspace.
    pub path: String,
}

/// The task of one attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    /// What is wanted.
    pub spec: Spec,
    /// The Nango project, relative to the workspace; `.` when the workspace is the project.
    pub project: String,
    /// Paths that the agent may create or change, relative to the workspace. A trailing `/` means all below.
    pub allowed: Vec<String>,
    /// What people said, and what was found before.
    #[serde(default, skip_serializing_if = "Guidance::is_empty")]
    pub guidance: Guidance,
    /// What it finds there already.
    #[serde(default)]
    pub ground: Ground,
}
