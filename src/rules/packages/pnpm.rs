//! `pnpm-lock.yaml`, versions 5 to 9.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Package;
use super::lock::hash;

/// As far as it matters here.
#[derive(Deserialize)]
pub(super) struct PnpmLock {
    /// By the project's folder; absent where there is one project only (before version 9).
    #[serde(default)]
    importers: BTreeMap<String, Importer>,
    #[serde(flatten)]
    only: Importer,
    #[serde(default)]
    packages: BTreeMap<String, Locked>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Importer {
    #[serde(default)]
    dependencies: BTreeMap<String, Asked>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Asked>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Asked {
    Version(String),
    Both { version: String },
}

#[derive(Deserialize)]
struct Locked {
    #[serde(default)]
    resolution: Resolution,
}

#[derive(Default, Deserialize)]
struct Resolution {
    integrity: Option<String>,
}

impl PnpmLock {
    /// Reads one.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }

    /// What the project in `project` has.
    pub fn find(&self, project: &str, package: &str) -> Option<Package> {
        let name = if project.is_empty() { "." } else { project };
        let importer = match self.importers.get(name) {
            Some(importer) => importer,
            None if self.importers.is_empty() => &self.only,
            None => return None,
        };
        let asked = importer
            .dev_dependencies
            .get(package)
            .or_else(|| importer.dependencies.get(package))?;
        let (Asked::Version(whole) | Asked::Both { version: whole }) = asked;
        // Behind it are the peers that it was resolved with: `0.70.9(postcss@8.5.33)`, or `0.70.9_postcss@8.5.33`.
        let version = whole.split(['(', '_']).next().unwrap_or(whole);
        let keys = [
            format!("{package}@{version}"),
            format!("/{package}@{version}"),
            format!("/{package}/{version}"),
        ];
        let locked = keys.iter().find_map(|key| self.packages.get(key));
        Some(Package {
            version: version.to_owned(),
            integrity: locked
                .and_then(|locked| locked.resolution.integrity.as_deref())
                .and_then(hash),
        })
    }
}
