//! Know-how for agents: ours, the same in every build, and the repository's own from its base branch.

use std::collections::BTreeMap;

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;
use crate::domain::brief::Skill;
use crate::domain::limits;
use crate::domain::name::{Digest, Sha};
use crate::edge::git::{GitError, Mirror};

/// Ours. One line each.
const OURS: &[(&str, &str)] = &[
    (
        "building-nango-functions",
        include_str!("../../skills/building-nango-functions/SKILL.md"),
    ),
    (
        "dry-running-nango-functions",
        include_str!("../../skills/dry-running-nango-functions/SKILL.md"),
    ),
    (
        "testing-and-reporting",
        include_str!("../../skills/testing-and-reporting/SKILL.md"),
    ),
];

/// Where skills lie in a workspace: the agent's server offers them from there.
pub use crate::domain::brief::SKILLS_FOLDER as FOLDER;

/// The skills of one run: files by their path below [`FOLDER`].
#[derive(Debug, Clone)]
pub struct Skills {
    files: BTreeMap<String, Vec<u8>>,
}

impl Skills {
    /// Ours alone.
    pub fn ours() -> Self {
        let file =
            |(name, text): &(&str, &str)| (format!("{name}/SKILL.md"), text.as_bytes().to_vec());
        Self {
            files: OURS.iter().map(file).collect(),
        }
    }

    /// Ours and those in `folder` of the commit `base`, which win over ours of the same name.
    ///
    /// # Errors
    /// When the repository cannot be read. Links, large files and what is beyond the limit are left out.
    pub fn with_repository(mirror: &Mirror, base: &Sha, folder: &str) -> Result<Self, GitError> {
        let mut skills = Self::ours();
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let listed = mirror.list(base, folder)?;
        let usable = listed
            .iter()
            .filter(|file| file.mode.is_regular() && file.size <= limits::SPEC_BYTES as u64);
        for file in usable.take(limits::SKILL_FILES) {
            let Some(below) = file.path.strip_prefix(&prefix) else {
                continue;
            };
            if let Some(content) = mirror.read(base, &file.path, limits::SPEC_BYTES as u64)? {
                skills.files.insert(below.to_owned(), content);
            }
        }
        Ok(skills)
    }

    /// With these besides, by their path below [`FOLDER`]; they win over those of the same path.
    pub fn and(mut self, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        self.files.extend(files);
        self
    }

    /// Of all of them together.
    pub fn digest(&self) -> Digest {
        let mut all = Vec::new();
        for (path, content) in &self.files {
            all.extend_from_slice(format!("{path}\0{}\n", Digest::of(content)).as_bytes());
        }
        Digest::of(&all)
    }

    /// The files, by their path below [`FOLDER`].
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// What a brief says of them.
    pub fn listed(&self) -> Vec<Skill> {
        self.files
            .iter()
            .filter_map(|(path, content)| {
                let name = path
                    .strip_suffix("/SKILL.md")
                    .filter(|name| !name.contains('/'))?;
                let text = String::from_utf8_lossy(content);
                let description = text
                    .lines()
                    .find_map(|line| line.strip_prefix("description:"))
                    .unwrap_or_default();
                Some(Skill {
                    name: name.to_owned(),
                    description: description.trim().trim_matches('"').to_owned(),
                    path: format!("{FOLDER}/{name}"),
                })
            })
            .collect()
    }
}

/// The skills of a run: ours, and those of the repository's base branch.
pub async fn of_run(checkout: &Checkout) -> Result<Skills, Fault> {
    let Some(folder) = checkout.settings.skills.clone() else {
        return Ok(Skills::ours());
    };
    let (mirror, base) = (checkout.mirror.clone(), checkout.base.clone());
    blocking(move || Skills::with_repository(&mirror, &base, &folder))
        .await?
        .map_err(|e| Fault::passing("read the repository's skills", e))
}
