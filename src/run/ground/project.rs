//! A Nango project at the head, as far as anybody is shown it.

use std::collections::BTreeMap;

use crate::domain::limits;
use crate::domain::project::ProjectFolder;
use crate::edge::git::GitError;
use crate::rules::ground::shown::is_source;
use crate::rules::judge::reading::secrets;
use crate::run::fetch::Checkout;

/// The project's sources, read once for all builds of a run.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// By path, relative to the project.
    pub files: BTreeMap<String, String>,
    /// Sources that are not among them: too many, too large, no text, or with something in them that looks like a key.
    pub left_out: usize,
}

impl Project {
    /// Reads it out of the head. Blocks.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub fn read(checkout: &Checkout, folder: &ProjectFolder) -> Result<Self, GitError> {
        let (mirror, head) = (&checkout.mirror, &checkout.head);
        let prefix = folder.path("");
        let mut project = Self::default();
        let mut room = limits::PROJECT_BYTES;
        for listed in mirror.list(head, prefix.trim_end_matches('/'))? {
            let Some(path) = listed.path.strip_prefix(&prefix) else {
                continue;
            };
            if !listed.mode.is_regular() || !is_source(path) {
                continue;
            }
            let fits = listed.size <= limits::GROUND_FILE_BYTES
                && listed.size <= room as u64
                && project.files.len() < limits::PROJECT_FILES;
            let bytes = match fits {
                true => mirror.read(head, &listed.path, limits::GROUND_FILE_BYTES)?,
                false => None,
            };
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            match text.filter(|text| secrets::find(text).is_none()) {
                Some(text) => {
                    room -= text.len().min(room);
                    project.files.insert(path.to_owned(), text);
                }
                None => project.left_out += 1,
            }
        }
        Ok(project)
    }
}
