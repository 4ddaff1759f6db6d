//! What steers a run, out of a commit: specs and settings, each as what it is.

use crate::domain::limits;
use crate::domain::name::Sha;
use crate::edge::git::{FileMode, GitError, Listed, Mirror};
use crate::rules::specs::{SETTINGS_PATH, SourceContent, SourceFile};

/// The files below the folder of the specs, as far as they can be specs. Where the folder itself is a link, that link.
pub fn specs(mirror: &Mirror, at: &Sha, folder: &str) -> Result<Vec<SourceFile>, GitError> {
    let mut listed = mirror.list(at, folder)?;
    if listed.is_empty() {
        let link = mirror.entry(at, folder)?;
        listed.extend(link.filter(|entry| entry.mode == FileMode::Link));
    }
    listed
        .into_iter()
        .take(limits::SPEC_FILES + 1)
        .map(|listed| source(mirror, at, listed))
        .collect()
}

/// The settings file, if the commit has one.
pub fn settings(mirror: &Mirror, at: &Sha) -> Result<Option<SourceFile>, GitError> {
    match mirror.entry(at, SETTINGS_PATH) {
        Ok(Some(listed)) => source(mirror, at, listed).map(Some),
        Ok(None) => Ok(None),
        Err(GitError::NotAFile { path, .. }) => Ok(Some(SourceFile {
            path,
            content: SourceContent::Special,
        })),
        Err(error) => Err(error),
    }
}

fn source(mirror: &Mirror, at: &Sha, listed: Listed) -> Result<SourceFile, GitError> {
    let limit = limits::SPEC_BYTES as u64;
    let content = match listed.mode {
        FileMode::Link => SourceContent::Link,
        FileMode::Submodule => SourceContent::Special,
        FileMode::File | FileMode::Executable if listed.size > limit => {
            SourceContent::TooLarge { bytes: listed.size }
        }
        FileMode::File | FileMode::Executable => {
            let read = mirror.read(at, &listed.path, limit)?;
            SourceContent::Regular(read.unwrap_or_default())
        }
    };
    Ok(SourceFile {
        path: listed.path,
        content,
    })
}
