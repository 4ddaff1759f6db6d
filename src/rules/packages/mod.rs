//! Which versions a project is worked with: those that its `package.json` and lock file decide, when we can.
//!
//! npm, pnpm, yarn (1 and later) and bun; a lock file counts for all projects below it, as workspaces have it.

mod bun;
mod lock;
mod manifest;
mod npm;
mod pnpm;
mod yarn;

use std::collections::BTreeMap;

use semver::Version;

use crate::domain::packages::{Package, Packages, Pinned, WhyOurs};

use self::lock::Lock;
use self::manifest::Manifest;

/// What versions of a package we can work with.
struct Supported {
    package: &'static str,
    from: Version,
    below: Version,
    words: &'static str,
}

/// The oldest CLI is the first whose functions need no endpoint and have checkpoints, as our skills teach. Each bound was tried
/// (`tests/it/edges/packages.rs`).
static SUPPORTED: [Supported; 3] = [
    Supported {
        package: "nango",
        from: Version::new(0, 69, 46),
        below: Version::new(1, 0, 0),
        words: "0.69.46 and later",
    },
    Supported {
        package: "zod",
        from: Version::new(4, 0, 0),
        below: Version::new(5, 0, 0),
        words: "4",
    },
    Supported {
        package: "vitest",
        from: Version::new(2, 0, 0),
        below: Version::new(5, 0, 0),
        words: "2, 3 and 4",
    },
];

/// Files that were looked for and are there: what is in them, or why that cannot be read.
pub type Found = BTreeMap<String, Result<Vec<u8>, String>>;

/// Paths, from the repository's root, of all files that may say something about the versions of the project in `project`.
pub fn candidates(project: &str) -> Vec<String> {
    folders(project)
        .flat_map(|folder| {
            let names = lock::NAMES.into_iter().chain([manifest::NAME]);
            names.map(move |name| join(folder, name))
        })
        .collect()
}

/// The versions of the project in `project`, from its root folder up to the repository's.
pub fn choose(project: &str, found: &Found) -> Packages {
    match pinned(project, found) {
        Ok(None) => Packages::Ours,
        Ok(Some((pinned, by))) => Packages::Project { pinned, by },
        Err(why) => Packages::Instead { why },
    }
}

fn pinned(project: &str, found: &Found) -> Result<Option<(Pinned, String)>, WhyOurs> {
    let mut manifests = Vec::new();
    for folder in folders(project) {
        manifests.extend(Manifest::read(folder, found)?);
    }
    let asked = |package: &str| {
        manifests
            .iter()
            .find_map(|manifest| Some((manifest, manifest.asks(package)?)))
    };
    if asked("nango").is_none() {
        return Ok(None);
    }
    let preferred = manifests.iter().find_map(Manifest::manager);
    let mut lock = None;
    for folder in folders(project) {
        if lock.is_none() {
            lock = Lock::read(folder, preferred, found)?;
        }
    }
    let mut by = None;
    let mut one = |package: &'static str| -> Result<Option<Package>, WhyOurs> {
        let Some((manifest, asks)) = asked(package) else {
            return Ok(None);
        };
        let locked = lock
            .as_ref()
            .and_then(|lock| Some((lock, lock.find(project, package, asks)?)));
        let (file, package_found) = match locked {
            Some((lock, found)) => (&lock.path, found),
            None => (&manifest.path, exact(asks)),
        };
        let Ok(version) = Version::parse(&package_found.version) else {
            return Err(WhyOurs::Unlocked {
                file: manifest.path.clone(),
                package: package.into(),
                asks: asks.into(),
            });
        };
        let known = SUPPORTED
            .iter()
            .find(|supported| supported.package == package);
        let bounds = known.filter(|known| version < known.from || version >= known.below);
        if let Some(known) = bounds {
            return Err(WhyOurs::Unsupported {
                file: file.clone(),
                package: package.into(),
                version: version.to_string(),
                supported: known.words.into(),
            });
        }
        by.get_or_insert_with(|| file.clone());
        Ok(Some(Package {
            version: version.to_string(),
            integrity: package_found.integrity,
        }))
    };
    let (nango, zod, vitest) = (one("nango")?, one("zod")?, one("vitest")?);
    Ok(nango.zip(by).map(|(nango, by)| {
        let pinned = Pinned { nango, zod, vitest };
        (pinned, by)
    }))
}

/// What a manifest asks for, when that is one version.
fn exact(asks: &str) -> Package {
    Package {
        version: asks.trim().trim_start_matches(['=', 'v']).to_owned(),
        integrity: None,
    }
}

/// The folder and those above it, up to the repository's root, which is the empty path.
fn folders(project: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(project), |folder| {
        (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(above, _)| above))
    })
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// The text of a file, if it is there.
fn text<'a>(path: &str, found: &'a Found) -> Result<Option<&'a str>, WhyOurs> {
    let unreadable = |error: String| WhyOurs::Unreadable {
        file: path.to_owned(),
        error,
    };
    match found.get(path) {
        None => Ok(None),
        Some(Err(error)) => Err(unreadable(error.clone())),
        Some(Ok(bytes)) => std::str::from_utf8(bytes)
            .map(|text| Some(text.trim_start_matches('\u{feff}')))
            .map_err(|_| unreadable("it is not text".into())),
    }
}

#[cfg(test)]
mod tests;
