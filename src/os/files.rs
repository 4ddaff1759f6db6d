//! Files that several processes use.

use std::fs::{File, TryLockError};
use std::io;
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

#[cfg(test)]
mod tests {
    use super::*;

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
