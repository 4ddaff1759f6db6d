//! `yarn.lock`, of yarn 1 and of later ones.

use std::collections::BTreeMap;

use super::Package;
use super::lock::hash;

/// What is asked for (`nango@^0.70.4`), and what that came to.
pub(super) struct YarnLock(BTreeMap<(String, String), Package>);

impl YarnLock {
    /// Reads one.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.replace("\r\n", "\n");
        let lock = yarn_lock_parser::parse_str(&text)
            .map_err(|_| "it is not in the form that yarn writes".to_owned())?;
        let entries = lock.entries.iter().flat_map(|entry| {
            entry.descriptors.iter().map(|(name, range)| {
                let range = range.strip_prefix("npm:").unwrap_or(range);
                let package = Package {
                    version: entry.version.to_owned(),
                    integrity: hash(entry.integrity),
                };
                (((*name).to_owned(), range.to_owned()), package)
            })
        });
        Ok(Self(entries.collect()))
    }

    /// What the range `asks` came to.
    pub fn find(&self, package: &str, asks: &str) -> Option<Package> {
        let asks = asks.strip_prefix("npm:").unwrap_or(asks);
        self.0.get(&(package.to_owned(), asks.to_owned())).cloned()
    }
}
