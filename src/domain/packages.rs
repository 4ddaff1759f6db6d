//! Which versions of the npm packages a project's functions are compiled, run and tested with.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Versions that a project pins, each as npm writes them: `0.71.10`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pinned {
    /// Of the Nango CLI.
    pub nango: Package,
    /// Of zod, when the project names it; else the one that the CLI brings.
    pub zod: Option<Package>,
    /// Of vitest, when the project names it; else ours.
    pub vitest: Option<Package>,
}

/// One package in one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Package {
    /// Its version.
    pub version: String,
    /// Its hash as a lock file has it, as `sha512-…`, where that says one.
    pub integrity: Option<String>,
}

impl Pinned {
    /// By name, as far as they are pinned.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &Package)> {
        let some = [
            ("nango", Some(&self.nango)),
            ("zod", self.zod.as_ref()),
            ("vitest", self.vitest.as_ref()),
        ];
        some.into_iter()
            .filter_map(|(name, package)| Some((name, package?)))
    }
}

impl fmt::Display for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, package)) in self.each().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{name} {}", package.version)?;
        }
        Ok(())
    }
}

/// With what a run works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "packages", rename_all = "kebab-case")]
pub enum Packages {
    /// There is no project yet, or it names no version: with ours.
    Ours,
    /// With the versions that the project pins.
    Project {
        /// Which.
        pinned: Pinned,
        /// The file that says so, from the repository's root.
        by: String,
    },
    /// With ours, although the project names others.
    Instead {
        /// Why.
        why: WhyOurs,
    },
}

/// Why not the project's own versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum WhyOurs {
    /// There is a range and no lock file that says which version of it.
    Unlocked {
        /// The manifest.
        file: String,
        /// The package.
        package: String,
        /// What it asks for.
        asks: String,
    },
    /// We cannot work with that version.
    Unsupported {
        /// The file that pins it.
        file: String,
        /// The package.
        package: String,
        /// Its version.
        version: String,
        /// The versions that we can work with, in words.
        supported: String,
    },
    /// A file cannot be read.
    Unreadable {
        /// Which.
        file: String,
        /// Why not.
        error: String,
    },
    /// The packages could not be installed.
    Uninstalled {
        /// Which.
        pinned: Box<Pinned>,
        /// Why not.
        error: String,
    },
}

impl fmt::Display for WhyOurs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlocked {
                file,
                package,
                asks,
            } => write!(
                f,
                "{file} asks for {package} {asks}, and no lock file says which version that is"
            ),
            Self::Unsupported {
                file,
                package,
                version,
                supported,
            } => write!(
                f,
                "{file} pins {package} {version}, and Countersign works with {supported}"
            ),
            Self::Unreadable { file, error } => write!(f, "{file} cannot be read: {error}"),
            Self::Uninstalled { pinned, error } => {
                write!(f, "{pinned} could not be installed: {error}")
            }
        }
    }
}
