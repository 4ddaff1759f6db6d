//! `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lock::hash;
use super::{Package, folders, join};

/// As far as it matters here.
#[derive(Deserialize)]
pub(super) struct NpmLock {
    /// By folder (versions 2 and 3).
    #[serde(default)]
    packages: BTreeMap<String, Locked>,
    /// By name (version 1).
    #[serde(default)]
    dependencies: BTreeMap<String, Locked>,
}

#[derive(Deserialize)]
struct Locked {
    version: Option<String>,
    integrity: Option<String>,
}

impl NpmLock {
    /// Reads one.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// As Node resolves it: what lies nearest to the project counts.
    pub fn find(&self, project: &str, package: &str) -> Option<Package> {
        let placed = folders(project).find_map(|folder| {
            self.packages
                .get(&join(folder, &format!("node_modules/{package}")))
        });
        let locked = placed.or_else(|| self.dependencies.get(package))?;
        Some(Package {
            version: locked.version.clone()?,
            integrity: locked.integrity.as_deref().and_then(hash),
        })
    }
}
