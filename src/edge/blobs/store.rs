//! Contents by their hash. A blob is written once and never changed; whoever reads one gets what was written or an
//! error.

use super::error::BlobError;
use super::objects::{Found, Objects};
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::os::clock::{Clock as _, SystemClock};

/// Blobs, in `blobs/` of wherever they are kept. Safe for many processes at once. Calls block; they belong on a blocking
/// thread.
#[derive(Debug, Clone)]
pub struct Blobs {
    objects: Objects,
}

/// Their folder.
pub(super) const FOLDER: &str = "blobs";

impl Blobs {
    pub(super) fn of(objects: Objects) -> Self {
        Self { objects }
    }

    /// Keeps `content`. When this returns it is there, whole.
    ///
    /// # Errors
    /// When it is larger than [`limits::BLOB_BYTES`], or whoever keeps it refuses.
    pub fn put(&self, content: &[u8]) -> Result<Digest, BlobError> {
        let bytes = content.len() as u64;
        if bytes > limits::BLOB_BYTES {
            return Err(BlobError::TooLarge { bytes });
        }
        let digest = Digest::of(content);
        let path = path(&digest);
        // A blob that is there and sound is not written again; a damaged one is, and so is one that is so old that it
        // may be taken away before somebody names it.
        let found = self.objects.get(&path, limits::BLOB_BYTES);
        let fresh_ms = SystemClock.now_ms() - limits::UNNAMED_BLOB_MS / 2;
        match found {
            Ok(Some(found)) if found.content == content && found.written_ms > fresh_ms => {}
            Err(error) if error.is_away() => return Err(error),
            Ok(_) | Err(_) => self.objects.put(&path, content.to_vec())?,
        }
        Ok(digest)
    }

    /// The content with this digest, checked.
    ///
    /// # Errors
    /// When there is none, it was changed, or whoever keeps it refuses.
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, BlobError> {
        let found = self.objects.get(&path(digest), limits::BLOB_BYTES)?;
        self.checked(digest, found)
    }

    /// Many at once, each as [`Blobs::get`] would give it.
    pub(super) fn get_all(
        &self,
        digests: &[&Digest],
    ) -> Result<Vec<Result<Vec<u8>, BlobError>>, BlobError> {
        let paths = digests.iter().map(|digest| path(digest)).collect();
        let found = self.objects.get_all(paths, limits::BLOB_BYTES)?;
        let found = digests.iter().zip(found);
        Ok(found
            .map(|(digest, found)| self.checked(digest, found))
            .collect())
    }

    fn checked(&self, digest: &Digest, found: Option<Found>) -> Result<Vec<u8>, BlobError> {
        let at = || self.objects.place(FOLDER);
        let Some(Found { content, .. }) = found else {
            return Err(BlobError::Missing {
                digest: digest.clone(),
                at: at(),
            });
        };
        if Digest::of(&content) != *digest {
            return Err(BlobError::Broken {
                digest: digest.clone(),
                at: at(),
            });
        }
        Ok(content)
    }
}

/// Two levels, because a folder with very many files is slow in many tools.
fn path(digest: &Digest) -> String {
    let (head, tail) = digest.as_str().split_at(2);
    format!("{FOLDER}/{head}/{tail}")
}

/// The digest that a blob's path stands for.
pub(super) fn digest_of(path: &str) -> Option<Digest> {
    let name = path.strip_prefix(FOLDER)?.replace('/', "");
    name.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File, FileTimes};
    use std::path::{Path, PathBuf};
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::edge::blobs::archive::Archive;

    fn open(folder: &Path) -> Blobs {
        let archive = Archive::Folder(folder.to_owned());
        Blobs::of(Objects::open(&archive).expect("opened"))
    }

    fn file(folder: &Path, digest: &Digest) -> PathBuf {
        folder.join(path(digest))
    }

    #[test]
    fn a_blob_is_kept_once_and_checked_when_it_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = open(folder.path());
        let digest = blobs.put(b"evidence").expect("kept");
        assert_eq!(digest, Digest::of(b"evidence"));
        assert_eq!(blobs.put(b"evidence").expect("kept"), digest);
        assert_eq!(blobs.get(&digest).expect("read"), b"evidence");
        let missing = blobs.get(&Digest::of(b"other"));
        assert!(matches!(missing, Err(BlobError::Missing { .. })));

        fs::write(file(folder.path(), &digest), b"tampered").expect("written");
        let broken = blobs.get(&digest);
        assert!(matches!(broken, Err(BlobError::Broken { .. })));
        blobs.put(b"evidence").expect("mended");
        assert_eq!(blobs.get(&digest).expect("read"), b"evidence");
        let files = walkdir::WalkDir::new(folder.path())
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
            .count();
        assert_eq!(files, 1, "no temporary file stays");
    }

    /// An old blob that nobody names any more may be taken away while somebody relies on it.
    #[test]
    fn an_old_blob_is_made_new_when_it_is_needed_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = open(folder.path());
        let digest = blobs.put(b"evidence").expect("kept");
        let path = file(folder.path(), &digest);
        let written = || {
            let meta = fs::metadata(&path).expect("there");
            meta.modified().expect("a time")
        };
        let first = written();
        blobs.put(b"evidence").expect("kept");
        assert_eq!(written(), first, "a new one is left alone");
        let long_ago = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
        File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_times(FileTimes::new().set_modified(long_ago)))
            .expect("turned back");
        blobs.put(b"evidence").expect("kept");
        assert!(written() >= first);
    }

    #[test]
    fn a_link_is_no_blob() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = open(folder.path());
        let outside = folder.path().join("outside");
        fs::write(&outside, b"evidence").expect("written");
        let path = file(folder.path(), &Digest::of(b"evidence"));
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::os::unix::fs::symlink(&outside, &path).expect("linked");
        let read = blobs.get(&Digest::of(b"evidence"));
        assert!(matches!(read, Err(BlobError::Io { .. })), "{read:?}");
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("large"), [0; 11]).expect("written");
        let objects = Objects::open(&Archive::Folder(folder.path().to_owned())).expect("opened");
        let read = objects.get("large", 10);
        assert!(matches!(read, Err(BlobError::TooLarge { bytes: 11 })));
        assert!(objects.get("large", 11).expect("read").is_some());
    }

    #[tokio::test]
    async fn asynchronous_callers_may_wait_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let digest = open(folder.path()).put(b"evidence").expect("kept");
        assert_eq!(open(folder.path()).get(&digest).expect("read"), b"evidence");
        assert_eq!(digest_of(&path(&digest)), Some(digest));
        assert_eq!(digest_of("blobs/xy"), None);
    }
}
