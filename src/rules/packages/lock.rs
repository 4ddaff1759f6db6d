//! A lock file of any package manager.

use crate::domain::packages::Package;

use super::{Found, WhyOurs, bun, join, npm, pnpm, text, yarn};

/// Names of lock files. `bun.lockb` is binary, and only told of.
pub(super) const NAMES: [&str; 6] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
];

/// A lock file that was read.
pub(super) struct Lock {
    /// Where it lies.
    pub path: String,
    folder: String,
    content: Content,
}

enum Content {
    Npm(npm::NpmLock),
    Pnpm(pnpm::PnpmLock),
    Yarn(yarn::YarnLock),
    Bun(bun::BunLock),
}

impl Lock {
    /// The lock file in `folder`; that of the package manager `preferred`, when there are several.
    pub fn read(
        folder: &str,
        preferred: Option<&str>,
        found: &Found,
    ) -> Result<Option<Self>, WhyOurs> {
        let there = |name: &&str| found.contains_key(&join(folder, name));
        let is_preferred = |name: &&str| preferred.is_some_and(|manager| made_by(name) == manager);
        let all = NAMES.iter().copied().filter(there);
        let Some(name) = all
            .clone()
            .find(is_preferred)
            .or_else(|| all.clone().next())
        else {
            return Ok(None);
        };
        let path = join(folder, name);
        let unreadable = |error: String| WhyOurs::Unreadable {
            file: path.clone(),
            error,
        };
        if name == "bun.lockb" {
            return Err(unreadable(
                "it is binary; `bun install --save-text-lockfile` writes one that can be read"
                    .into(),
            ));
        }
        let Some(text) = text(&path, found)? else {
            return Ok(None);
        };
        let content = match name {
            "pnpm-lock.yaml" => pnpm::PnpmLock::read(text).map(Content::Pnpm),
            "yarn.lock" => yarn::YarnLock::read(text).map(Content::Yarn),
            "bun.lock" => bun::BunLock::read(text).map(Content::Bun),
            _ => npm::NpmLock::read(text).map(Content::Npm),
        };
        Ok(Some(Self {
            content: content.map_err(unreadable)?,
            folder: folder.to_owned(),
            path,
        }))
    }

    /// What it says of a package that the project in `project` asks for as `asks`.
    pub fn find(&self, project: &str, package: &str, asks: &str) -> Option<Package> {
        let within = match project.strip_prefix(&self.folder) {
            Some(rest) => rest.trim_start_matches('/'),
            None => project,
        };
        match &self.content {
            Content::Npm(lock) => lock.find(within, package),
            Content::Pnpm(lock) => lock.find(within, package),
            Content::Yarn(lock) => lock.find(package, asks),
            Content::Bun(lock) => lock.find(within, package),
        }
    }
}

fn made_by(name: &str) -> &'static str {
    match name {
        "pnpm-lock.yaml" => "pnpm",
        "yarn.lock" => "yarn",
        "bun.lock" | "bun.lockb" => "bun",
        _ => "npm",
    }
}

/// A hash, when it is of the kind that npm checks.
pub(super) fn hash(integrity: &str) -> Option<String> {
    integrity
        .split_whitespace()
        .find(|hash| hash.starts_with("sha512-"))
        .map(str::to_owned)
}
