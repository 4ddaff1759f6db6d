//! Specs and settings as they lie in the work tree, each as what it is.

use std::fs::{self, FileType};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::domain::limits;
use crate::domain::settings::Settings;
use crate::edge::git::Mirror;
use crate::rules::specs::{SETTINGS_PATH, SourceContent, SourceFile};
use crate::run::skills::Skills;

use super::error::CommandError;

/// The top of the repository that `folder` is in; the folder itself when there is no git, which reading does not need.
pub fn root(folder: &Path) -> Result<PathBuf, CommandError> {
    let there = |path: &Path| {
        std::fs::canonicalize(path)
            .map_err(|e| CommandError::Usage(format!("{}: {e}", path.display())))
    };
    let folder = there(folder)?;
    match Mirror::local(&folder).and_then(|repository| repository.work_tree()) {
        Ok(top) => there(&top),
        Err(_) => Ok(folder),
    }
}

/// Everything below the folder of the specs that is no folder, as the repository would have it. Where the folder itself
/// is reached through a link, that link: git does not look behind it either.
pub fn specs(root: &Path, settings: &Settings) -> Result<Vec<SourceFile>, CommandError> {
    below(root, &settings.interactions, limits::SPEC_FILES)
}

/// The skills that agents can read once the work tree is the base branch: ours, and the repository's own.
pub fn skills(root: &Path, settings: &Settings) -> Result<Skills, CommandError> {
    let Some(folder) = &settings.skills else {
        return Ok(Skills::ours());
    };
    let folder = folder.trim_end_matches('/');
    let files = below(root, folder, limits::SKILL_FILES)?;
    let own = files.into_iter().filter_map(|file| match file.content {
        SourceContent::Regular(content) => {
            let path = file.path.strip_prefix(folder)?.strip_prefix('/')?;
            Some((path.to_owned(), content))
        }
        SourceContent::Link | SourceContent::Special | SourceContent::TooLarge { .. } => None,
    });
    Ok(Skills::ours().and(own))
}

fn below(root: &Path, below: &str, most: usize) -> Result<Vec<SourceFile>, CommandError> {
    let folder = root.join(below);
    let mut files = Vec::new();
    if fs::canonicalize(&folder).is_ok_and(|real| real != folder) {
        let path = below.to_owned();
        let content = SourceContent::Link;
        return Ok(vec![SourceFile { path, content }]);
    }
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in WalkDir::new(&folder)
        .sort_by_file_name()
        .into_iter()
        .take(most)
    {
        let entry = entry.map_err(|e| CommandError::Usage(e.to_string()))?;
        if entry.file_type().is_dir() {
            continue;
        }
        let path = relative(root, entry.path())?;
        let content = content(entry.path(), entry.file_type(), &path)?;
        files.push(SourceFile { path, content });
    }
    Ok(files)
}

/// The settings file, if there is one.
pub fn settings(root: &Path) -> Result<Option<SourceFile>, CommandError> {
    let file = root.join(SETTINGS_PATH);
    let path = SETTINGS_PATH.to_owned();
    match fs::symlink_metadata(&file) {
        Ok(there) => {
            let content = content(&file, there.file_type(), &path)?;
            Ok(Some(SourceFile { path, content }))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CommandError::Usage(format!("{path}: {error}"))),
    }
}

/// `path` from the repository's root, with `/`.
pub fn relative(root: &Path, path: &Path) -> Result<String, CommandError> {
    let inside = path.strip_prefix(root).map_err(|_| {
        CommandError::Usage(format!(
            "{} is outside of the repository {}",
            path.display(),
            root.display()
        ))
    })?;
    let parts: Vec<String> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    Ok(parts.join("/"))
}

fn content(file: &Path, kind: FileType, path: &str) -> Result<SourceContent, CommandError> {
    if kind.is_symlink() {
        return Ok(SourceContent::Link);
    }
    if !kind.is_file() {
        return Ok(SourceContent::Special);
    }
    let failed = |e: std::io::Error| CommandError::Usage(format!("{path}: {e}"));
    let open = fs::File::open(file).map_err(failed)?;
    let bytes = open.metadata().map_err(failed)?.len();
    if bytes > limits::SPEC_BYTES as u64 {
        return Ok(SourceContent::TooLarge { bytes });
    }
    let mut read = Vec::new();
    open.take(limits::SPEC_BYTES as u64 + 1)
        .read_to_end(&mut read)
        .map_err(failed)?;
    Ok(SourceContent::Regular(read))
}
