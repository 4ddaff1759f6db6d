//! `bun.lock`: JSON with commas behind the last of everything, which YAML allows as well.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Package;
use super::lock::hash;

/// As far as it matters here.
#[derive(Deserialize)]
pub(super) struct BunLock {
    #[serde(default)]
    workspaces: BTreeMap<String, Workspace>,
    /// By name, or by the name of who has another version and its own: `nango@0.70.9`, …, a hash.
    #[serde(default)]
    packages: BTreeMap<String, Vec<Value>>,
}

#[derive(Deserialize)]
struct Workspace {
    name: Option<String>,
}

impl BunLock {
    /// Reads one.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }

    /// What the project in `project` has.
    pub fn find(&self, project: &str, package: &str) -> Option<Package> {
        let workspace = self.workspaces.get(project);
        let own = workspace
            .and_then(|workspace| workspace.name.as_ref())
            .and_then(|name| self.packages.get(&format!("{name}/{package}")));
        let locked = own.or_else(|| self.packages.get(package))?;
        let (_, version) = locked.first()?.as_str()?.rsplit_once('@')?;
        Some(Package {
            version: version.to_owned(),
            integrity: locked.last().and_then(Value::as_str).and_then(hash),
        })
    }
}
