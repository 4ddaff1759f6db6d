//! Know-how for agents: [`Skill`], a folder in the Agent Skills format.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::name::{Digest, IntegrationName};

/// Where skills lie in a workspace, relative to it. Agents are configured to look there and nowhere else.
pub const SKILLS_FOLDER: &str = ".agents/skills";

/// Where those lie that are about one API. Agents do not look there by themselves: what a server of agents offers of skills is a part of
/// what its model reads first, and that is to be the same for all.
pub const API_SKILLS_FOLDER: &str = ".agents/apis";

/// A skill, by what stands at the top of its `SKILL.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// The folder's name.
    pub name: String,
    /// When to use it.
    pub description: String,
    /// Its own version, `metadata.version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The only integration that it is about, `metadata.integration`. Agents of others do not get it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<IntegrationName>,
}

impl Skill {
    /// Where it lies, relative to the workspace.
    pub fn path(&self) -> String {
        let folder = match self.integration {
            Some(_) => API_SKILLS_FOLDER,
            None => SKILLS_FOLDER,
        };
        format!("{folder}/{}", self.name)
    }
}

/// A skill that an agent could read, as a dossier names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HadSkill {
    /// The folder's name.
    pub name: String,
    /// Its own version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Of all its files.
    pub digest: Digest,
}

/// Of all skills that an agent gets, by its integration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillDigests {
    /// Where no skill is about the integration alone.
    pub general: Digest,
    /// Where one is.
    pub own: BTreeMap<IntegrationName, Digest>,
}

impl SkillDigests {
    /// Of those for this integration.
    pub fn of(&self, integration: &IntegrationName) -> &Digest {
        self.own.get(integration).unwrap_or(&self.general)
    }
}
