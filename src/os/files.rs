//! Files that several processes use.

use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How often is looked whether a lock is free.
const LOOK: Duration = Duration::from_millis(20);

/// Why a file could not be locked.
#[derive(Debug)]
pub enum NotLocked {
    /// Somebody else had it all the time.
    Busy,
    /// It could not be made.
    Create(io::Error),
    /// The file system has no locks, or refused.
    Lock(io::Error),
}

/// Makes the file and locks it, waiting for at most `patience` while another process or thread has it. `waiting` is
/// called once, should it have to be waited for. The lock ends when the file is dropped, and with the process, however
/// that ends. Blocks.
///
/// # Errors
/// [`NotLocked`]
pub fn lock(path: &Path, patience: Duration, waiting: impl FnOnce()) -> Result<File, NotLocked> {
    let file = File::create(path).map_err(NotLocked::Create)?;
    let deadline = Instant::now() + patience;
    let mut waiting = Some(waiting);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(NotLocked::Lock(error)),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(NotLocked::Busy);
            }
            Err(TryLockError::WouldBlock) => {}
        }
        if let Some(waiting) = waiting.take() {
            waiting();
        }
        thread::sleep(LOOK);
    }
}

/// Whether nobody has the lock of a file that is there: whoever made it has ended.
pub fn is_free(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// Removes a folder with all that is in it, folders that are read-only included; nothing when it is not there. Blocks.
///
/// # Errors
/// When the file system refuses.
pub fn remove_all(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open(folder)?;
            fs::remove_dir_all(folder)
        }
        removed => removed,
    }
}

/// Makes all folders below `folder` writable. No link is followed.
fn open(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_folders_go_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let all = folder.path().join("all");
        assert!(remove_all(&all).is_ok(), "nothing is there");
        fs::create_dir_all(all.join("a/b")).expect("folders");
        fs::write(all.join("a/b/c"), "c").expect("a file");
        for path in ["a/b", "a"] {
            let closed = Permissions::from_mode(0o555);
            fs::set_permissions(all.join(path), closed).expect("a mode");
        }
        remove_all(&all).expect("it goes");
        assert!(!all.exists());
    }

    #[test]
    fn a_lock_is_waited_for_and_not_for_ever() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        assert!(!is_free(&path), "nobody made it yet");
        let held = lock(&path, Duration::ZERO, || panic!("nobody has it")).expect("it is free");
        assert!(!is_free(&path));
        let mut told = 0;
        let busy = lock(&path, Duration::from_millis(100), || told += 1);
        assert!(matches!(busy, Err(NotLocked::Busy)));
        assert_eq!(told, 1);
        let later = thread::spawn({
            let path = path.clone();
            move || {
                lock(&path, Duration::from_secs(60), || ())
                    .map(drop)
                    .is_ok()
            }
        });
        drop(held);
        assert!(later.join().expect("no panic"));
        assert!(is_free(&path));
        let nowhere = lock(&path.join("x"), Duration::ZERO, || ());
        assert!(matches!(nowhere, Err(NotLocked::Create(_))));
    }
}
