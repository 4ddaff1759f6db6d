//! Know-how for agents: ours, the same in every build, and the repository's own from its base branch.

use std::collections::{BTreeMap, BTreeSet};

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;
use crate::domain::limits;
use crate::domain::name::{Digest, IntegrationName, Sha};
use crate::domain::skill::{HadSkill, SKILLS_FOLDER, Skill, SkillDigests};
use crate::edge::git::{GitError, Mirror};
use crate::rules::skill_front::skill;

/// A file of ours.
macro_rules! ours {
    ($path:literal) => {
        ($path, include_str!(concat!("../../skills/", $path)))
    };
}

/// Ours. One line each.
const OURS: &[(&str, &str)] = &[
    ours!("building-nango-functions/SKILL.md"),
    ours!("dry-running-nango-functions/SKILL.md"),
    ours!("testing-and-reporting/SKILL.md"),
    ours!("google-calendar/SKILL.md"),
    ours!("google-drive/SKILL.md"),
    ours!("google-drive/references/queries.md"),
    ours!("google-sheet/SKILL.md"),
    ours!("hubspot/SKILL.md"),
    ours!("hubspot/references/objects.md"),
    ours!("slack/SKILL.md"),
    ours!("slack/references/errors.md"),
];

/// The skills of one run: files by their path below their folder.
#[derive(Debug, Clone)]
pub struct Skills {
    files: BTreeMap<String, Vec<u8>>,
}

impl Skills {
    /// Ours alone.
    pub fn ours() -> Self {
        let file = |(path, text): &(&str, &str)| ((*path).to_owned(), text.as_bytes().to_vec());
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

    /// With these besides, by their path below their folder; they win over those of the same path.
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

    /// The files, by their path below their folder.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// The files by their path in a workspace.
    pub fn laid(&self) -> impl Iterator<Item = (String, &Vec<u8>)> {
        let folders: BTreeMap<String, String> = (self.listed().into_iter())
            .map(|skill| (skill.name.clone(), skill.path()))
            .collect();
        self.files.iter().map(move |(path, content)| {
            let (name, below) = path.split_once('/').unwrap_or((path, ""));
            let folder = folders.get(name).cloned();
            // A file beside all skills, as people have them, is no skill's.
            let folder = folder.unwrap_or_else(|| format!("{SKILLS_FOLDER}/{name}"));
            (
                format!("{folder}/{below}").trim_end_matches('/').to_owned(),
                content,
            )
        })
    }

    /// Those for one integration: what is about another one alone is left out.
    pub fn of(&self, integration: &IntegrationName) -> Self {
        self.without(|skill| {
            let about = skill.integration.as_ref();
            about.is_some_and(|about| about != integration)
        })
    }

    /// The digest of those that an agent gets, whatever its integration.
    pub fn digests(&self) -> SkillDigests {
        let listed = self.listed();
        let about = listed.iter().filter_map(|skill| skill.integration.clone());
        SkillDigests {
            general: self.without(|skill| skill.integration.is_some()).digest(),
            own: about
                .map(|integration| (integration.clone(), self.of(&integration).digest()))
                .collect(),
        }
    }

    /// What a brief says of them.
    pub fn listed(&self) -> Vec<Skill> {
        let heads = self.files.iter().filter_map(|(path, content)| {
            let name = path.strip_suffix("/SKILL.md")?;
            let is_skill = !name.contains('/');
            is_skill.then(|| skill(name, &String::from_utf8_lossy(content)))
        });
        heads.collect()
    }

    /// Those that are about one integration alone.
    pub fn own(&self) -> Vec<Skill> {
        let mut own = self.listed();
        own.retain(|skill| skill.integration.is_some());
        own
    }

    /// What a dossier says of them.
    pub fn had(&self) -> Vec<HadSkill> {
        let had = |skill: Skill| HadSkill {
            digest: self.without(|other| other.name != skill.name).digest(),
            name: skill.name,
            version: skill.version,
        };
        self.listed().into_iter().map(had).collect()
    }

    fn without(&self, leaves: impl Fn(&Skill) -> bool) -> Self {
        let left: BTreeSet<String> = (self.listed().into_iter())
            .filter(leaves)
            .map(|skill| skill.name)
            .collect();
        let mut files = self.files.clone();
        files.retain(|path, _| {
            !path
                .split('/')
                .next()
                .is_some_and(|name| left.contains(name))
        });
        Self { files }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_gets_what_is_for_all_and_what_is_about_its_own_integration() {
        let ours = Skills::ours();
        let names = |skills: &Skills| -> Vec<String> {
            skills
                .listed()
                .into_iter()
                .map(|skill| skill.name)
                .collect()
        };
        let general = ["building-nango-functions", "dry-running-nango-functions"];
        let slack = ours.of(&"slack".parse().expect("a name"));
        assert_eq!(
            names(&slack),
            [&general[..], &["slack", "testing-and-reporting"]].concat()
        );
        assert!(slack.files().contains_key("slack/references/errors.md"));
        assert!(
            !slack
                .files()
                .keys()
                .any(|path| path.starts_with("hubspot/"))
        );
        let laid: Vec<String> = slack.laid().map(|(path, _)| path).collect();
        for path in [
            ".agents/apis/slack/references/errors.md",
            ".agents/skills/testing-and-reporting/SKILL.md",
        ] {
            assert!(
                laid.iter().any(|laid| laid == path),
                "{path} is not in {laid:?}"
            );
        }
        let other = ours.of(&"github".parse().expect("a name"));
        assert_eq!(
            names(&other),
            [&general[..], &["testing-and-reporting"]].concat()
        );

        let had = slack.had();
        let named: Vec<&str> = had.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(named, names(&slack));
        assert!(had.iter().all(|one| one.version.as_deref() == Some("1")));

        // A change of Slack's is none of anybody else's.
        let changed = ours
            .clone()
            .and([("slack/references/errors.md".to_owned(), b"other".to_vec())]);
        let (before, after) = (ours.digests(), changed.digests());
        for (integration, same) in [("slack", false), ("hubspot", true), ("github", true)] {
            let integration = integration.parse().expect("a name");
            assert_eq!(
                before.of(&integration) == after.of(&integration),
                same,
                "{integration}"
            );
        }
        assert_eq!(
            &slack.digest(),
            before.of(&"slack".parse().expect("a name"))
        );
    }

    #[test]
    fn ours_are_what_the_format_asks_for() {
        for skill in Skills::ours().listed() {
            let chars = |text: &str| text.chars().count();
            assert!((1..=64).contains(&chars(&skill.name)), "{}", skill.name);
            assert!(
                (1..=1024).contains(&chars(&skill.description)),
                "{}",
                skill.name
            );
            assert!(skill.version.is_some(), "{} has no version", skill.name);
        }
        for (path, text) in OURS.iter().filter(|(path, _)| path.ends_with("/SKILL.md")) {
            let name = path.trim_end_matches("/SKILL.md");
            assert!(
                text.contains(&format!("\nname: {name}\n")),
                "{path} has another name"
            );
        }
    }
}
