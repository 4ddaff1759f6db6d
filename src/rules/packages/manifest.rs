//! `package.json`: what a project asks for.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Found, WhyOurs, join, text};

/// Its name.
pub(super) const NAME: &str = "package.json";

/// A manifest, as far as it matters here.
pub(super) struct Manifest {
    /// Where it lies.
    pub path: String,
    content: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, String>,
    #[serde(default)]
    package_manager: Option<String>,
}

impl Manifest {
    /// The one in `folder`.
    pub fn read(folder: &str, found: &Found) -> Result<Option<Self>, WhyOurs> {
        let path = join(folder, NAME);
        let Some(text) = text(&path, found)? else {
            return Ok(None);
        };
        match serde_json::from_str(text) {
            Ok(content) => Ok(Some(Self { path, content })),
            Err(error) => Err(WhyOurs::Unreadable {
                file: path,
                error: error.to_string(),
            }),
        }
    }

    /// What it says of a package.
    pub fn asks(&self, package: &str) -> Option<&str> {
        let Content {
            dependencies,
            dev_dependencies,
            ..
        } = &self.content;
        let either = dev_dependencies
            .get(package)
            .or_else(|| dependencies.get(package));
        either.map(String::as_str)
    }

    /// The package manager that it names, without its version: `pnpm`.
    pub fn manager(&self) -> Option<&str> {
        let named = self.content.package_manager.as_deref()?;
        Some(named.split_once('@').map_or(named, |(name, _)| name))
    }
}
