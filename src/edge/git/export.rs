//! Writing a folder of a commit to disk.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::error::GitError;
use super::mirror::Mirror;
use super::objects::{FileMode, content, walk};
use super::path;
use crate::domain::limits;
use crate::domain::name::Sha;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// Files that were written.
    pub files: usize,
    /// Bytes of them together.
    pub bytes: u64,
    /// Paths, from the repository's root, that were left out: symbolic links and submodules.
    pub left_out: Vec<String>,
}

impl Mirror {
    /// Writes the regular files below a folder of a commit (all when `under` is empty) into `into`, which must be new
    /// or hold none of them. Symbolic links are left out, so nothing is ever written through one.
    ///
    /// # Errors
    /// [`GitError::TooMuch`] beyond [`limits::GIT_PATHS`] or [`limits::GIT_EXPORT_BYTES`]; what was written by then
    /// stays.
    pub fn export(&self, at: &Sha, under: &str, into: &Path) -> Result<Exported, GitError> {
        let repository = self.repository()?;
        let mut exported = Exported::default();
        fs::create_dir_all(into).map_err(GitError::files("create", into))?;
        walk(&repository, at, under, |path, mode, id| {
            if !mode.is_regular() {
                exported.left_out.push(path);
                return Ok(());
            }
            path::check(&path)?;
            let room = limits::GIT_EXPORT_BYTES - exported.bytes;
            let bytes = content(&repository, id, &path, room)?;
            let relative = path
                .strip_prefix(under)
                .unwrap_or(&path)
                .trim_start_matches('/');
            let target = into.join(relative);
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder).map_err(GitError::files("create", folder))?;
            }
            let permissions = if mode == FileMode::Executable {
                0o755
            } else {
                0o644
            };
            OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(permissions)
                .open(&target)
                .and_then(|mut file| file.write_all(&bytes))
                .map_err(GitError::files("write", &target))?;
            exported.files += 1;
            exported.bytes += bytes.len() as u64;
            Ok(())
        })?;
        Ok(exported)
    }
}
