//! A file that one process holds at a time. The kernel takes the lock away when the process dies, however it dies.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// A lock, until it is dropped.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

/// Why a file is not locked.
#[derive(Debug, thiserror::Error)]
pub enum FileLockError {
    /// Another process holds it.
    #[error("another process holds {}", .0.display())]
    Held(PathBuf),
    /// It cannot be made or locked.
    #[error("{} cannot be locked: {source}", path.display())]
    Failed {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl FileLock {
    /// Locks the file, which is made when it is not there, and stays.
    ///
    /// # Errors
    /// [`FileLockError`]
    pub fn take(path: &Path) -> Result<Self, FileLockError> {
        let failed = |source| FileLockError::Failed {
            path: path.to_owned(),
            source,
        };
        let mut options = File::options();
        let options = options.create(true).truncate(false).write(true);
        let file = options.open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FileLockError::Held(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.lock");
        let first = FileLock::take(&path).expect("locked");
        let second = FileLock::take(&path).expect_err("held");
        assert!(matches!(&second, FileLockError::Held(held) if *held == path));
        drop(first);
        FileLock::take(&path).expect("free again");
        let nowhere = FileLock::take(&folder.path().join("no/a.lock"));
        let error = nowhere.expect_err("no folder").to_string();
        assert!(error.contains("no/a.lock cannot be locked"), "{error}");
    }
}
