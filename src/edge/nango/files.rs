//! Writing files, with errors that name them.

use std::fs;
use std::path::Path;

use super::NangoError;

/// Writes `bytes` to `folder/path` and makes the folders between.
pub(super) fn write(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), NangoError> {
    let path = folder.join(path);
    if let Some(parent) = path.parent() {
        make(parent)?;
    }
    fs::write(&path, bytes).map_err(NangoError::files("writing", &path))
}

/// Makes a folder and those above it.
pub(super) fn make(folder: &Path) -> Result<(), NangoError> {
    fs::create_dir_all(folder).map_err(NangoError::files("creating", folder))
}

/// A path as an argument of a program. Ours are made of UTF-8 by us.
pub(super) fn argument(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
