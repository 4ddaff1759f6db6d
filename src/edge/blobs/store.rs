//! Contents by their hash. A blob is written once and never changed; whoever reads one gets what was written or an
//! error.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::domain::limits;
use crate::domain::name::Digest;

/// Why a blob cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// It was never kept here, or somebody deleted it.
    #[error("there is no blob {digest} in {folder}; the evidence is incomplete")]
    Missing {
        /// Which.
        digest: Digest,
        /// Where it was looked for.
        folder: String,
    },
    /// Its content is not what its name says.
    #[error(
        "the blob {digest} in {folder} was changed or damaged after it was written; restore it from a copy"
    )]
    Broken {
        /// Which.
        digest: Digest,
        /// Where it lies.
        folder: String,
    },
    /// It is too large.
    #[error(
        "a blob of {bytes} bytes is larger than the limit of {} bytes",
        limits::BLOB_BYTES
    )]
    TooLarge {
        /// How large.
        bytes: u64,
    },
    /// The disk refused.
    #[error("{path} cannot be written or read: {source}")]
    Io {
        /// Which file or folder.
        path: String,
        /// Why.
        source: io::Error,
    },
}

/// A folder of blobs. Safe for many processes at once. Calls block; they belong on a blocking thread.
#[derive(Debug, Clone)]
pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// Opens the folder, and makes it when it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: &Path) -> Result<Self, BlobError> {
        fs::create_dir_all(folder).map_err(io_error(folder))?;
        Ok(Self::existing(folder))
    }

    /// The same without making anything: to read what somebody else wrote.
    pub(super) fn existing(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Keeps `content`. When this returns it is on the disk, whole.
    ///
    /// # Errors
    /// When it is larger than [`limits::BLOB_BYTES`], or the disk refuses.
    pub fn put(&self, content: &[u8]) -> Result<Digest, BlobError> {
        let bytes = content.len() as u64;
        if bytes > limits::BLOB_BYTES {
            return Err(BlobError::TooLarge { bytes });
        }
        let digest = Digest::of(content);
        // A blob that is there and sound is not written again; a damaged one is.
        if self.get(&digest).is_err() {
            write_whole(&self.path(&digest), content)?;
        }
        Ok(digest)
    }

    /// The content with this digest, checked.
    ///
    /// # Errors
    /// When there is none, it was changed, or the disk refuses.
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, BlobError> {
        let folder = || self.folder.display().to_string();
        let content = match read_bounded(&self.path(digest), limits::BLOB_BYTES)? {
            Some(content) => content,
            None => {
                return Err(BlobError::Missing {
                    digest: digest.clone(),
                    folder: folder(),
                });
            }
        };
        if Digest::of(&content) != *digest {
            return Err(BlobError::Broken {
                digest: digest.clone(),
                folder: folder(),
            });
        }
        Ok(content)
    }

    /// Two levels, because a folder with very many files is slow in many tools.
    fn path(&self, digest: &Digest) -> PathBuf {
        let (head, tail) = digest.as_str().split_at(2);
        self.folder.join(head).join(tail)
    }
}

/// Writes a file so that it is there whole or not at all, whenever we are killed.
pub(super) fn write_whole(path: &Path, content: &[u8]) -> Result<(), BlobError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(io_error(folder))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io_error(folder))?;
    file.write_all(content).map_err(io_error(path))?;
    file.as_file().sync_all().map_err(io_error(path))?;
    file.persist(path)
        .map_err(|error| io_error(path)(error.error))?;
    // The name is on the disk only when its folder is.
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error(folder))
}

/// A file's content, `None` when there is no such file. Only a regular file is read, and no more than `limit` bytes.
pub(super) fn read_bounded(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, BlobError> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(path)(error)),
    };
    if !meta.is_file() {
        return Err(io_error(path)(io::Error::other("it is not a regular file")));
    }
    let mut content = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut content))
        .map_err(io_error(path))?;
    if content.len() as u64 > limit {
        return Err(BlobError::TooLarge { bytes: meta.len() });
    }
    Ok(Some(content))
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> BlobError {
    move |source| BlobError::Io {
        path: path.display().to_string(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_kept_once_and_checked_when_it_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(&folder.path().join("deep/blobs")).expect("opened");
        let digest = blobs.put(b"evidence").expect("kept");
        assert_eq!(digest, Digest::of(b"evidence"));
        assert_eq!(blobs.put(b"evidence").expect("kept"), digest);
        assert_eq!(blobs.get(&digest).expect("read"), b"evidence");
        let missing = blobs.get(&Digest::of(b"other"));
        assert!(matches!(missing, Err(BlobError::Missing { .. })));

        fs::write(blobs.path(&digest), b"tampered").expect("written");
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

    #[test]
    fn a_link_is_no_blob() {
        let folder = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(folder.path()).expect("opened");
        let outside = folder.path().join("outside");
        fs::write(&outside, b"evidence").expect("written");
        let path = blobs.path(&Digest::of(b"evidence"));
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::os::unix::fs::symlink(&outside, &path).expect("linked");
        let read = blobs.get(&Digest::of(b"evidence"));
        assert!(matches!(read, Err(BlobError::Io { .. })), "{read:?}");
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("large");
        fs::write(&path, [0; 11]).expect("written");
        let read = read_bounded(&path, 10);
        assert!(matches!(read, Err(BlobError::TooLarge { bytes: 11 })));
        assert!(read_bounded(&path, 11).is_ok());
    }
}
