//! A folder as data: what is in it, without the folder.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::name::Digest;

/// What one path of a folder is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Entry {
    /// A regular file with one name.
    File {
        /// Bytes.
        size: u64,
        /// Of the content.
        digest: Digest,
    },
    /// A symbolic link, wherever it leads.
    Link {
        /// The link's text.
        target: String,
    },
    /// Anything else that must not be there: a hard link to something outside, a socket, a device, a file too large
    /// to read. The text says what.
    Other {
        /// What it is, for a person.
        what: String,
    },
}

/// The files of a folder by their relative path with `/`; folders themselves are not listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tree(pub BTreeMap<String, Entry>);

/// A Nango project as it lies on disk, without packages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectFiles {
    /// TypeScript sources by their path from the project's root.
    pub sources: BTreeMap<String, String>,
    /// Everything else: recordings, manifests.
    pub others: BTreeMap<String, Digest>,
}

/// How one path differs between two trees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The path in both.
    pub path: String,
    /// What was there, if anything.
    pub before: Option<Entry>,
    /// What is there now, if anything.
    pub after: Option<Entry>,
}

impl Tree {
    /// What is at `path`.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.0.get(path)
    }

    /// Every path that differs, in order.
    pub fn changes_to(&self, after: &Tree) -> Vec<Change> {
        let paths: std::collections::BTreeSet<&String> =
            self.0.keys().chain(after.0.keys()).collect();
        paths
            .into_iter()
            .filter(|path| self.get(path) != after.get(path))
            .map(|path| Change {
                path: path.clone(),
                before: self.get(path).cloned(),
                after: after.get(path).cloned(),
            })
            .collect()
    }
}

/// What a commit changes: contents by path from the repository's root; a path without content is removed.
pub type Edits = BTreeMap<String, Option<Vec<u8>>>;
/// The path of a file in `folder`; the empty path is the repository's root.
pub fn below(folder: &str, path: &str) -> String {
    if folder.is_empty() {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    }
}
