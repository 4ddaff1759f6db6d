//! What an agent is told, as data. How it reads is in [`crate::rules::brief`].

use serde::{Deserialize, Serialize};

use super::ground::Ground;
use super::guidance::Guidance;
use super::skill::Skill;
use super::spec::Spec;

/// The task of one attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    /// What is wanted.
    pub spec: Spec,
    /// The Nango project, relative to the workspace; `.` when the workspace is the project.
    pub project: String,
    /// Paths that the agent may create or change, relative to the workspace. A trailing `/` means all below.
    pub allowed: Vec<String>,
    /// What there is to read about its API.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Skill>,
    /// What people said, and what was found before.
    #[serde(default, skip_serializing_if = "Guidance::is_empty")]
    pub guidance: Guidance,
    /// What it finds there already.
    #[serde(default)]
    pub ground: Ground,
}
