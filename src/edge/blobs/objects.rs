//! Contents by their path, in a folder or in a bucket. Nothing is known here of what they are.

use std::future::Future;
use std::path::Path as FilePath;
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;
use std::{fs, io};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, Error, ObjectStore, ObjectStoreExt as _, RetryConfig};
use tokio::runtime::Runtime;

use super::archive::Archive;
use super::error::{BlobError, Shared};
use crate::domain::limits;

/// The library of buckets is asynchronous and our callers are not: its work is done here, whoever waits for it.
static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// A content as it was found.
#[derive(Debug)]
pub(super) struct Found {
    pub content: Vec<u8>,
    /// Milliseconds since the epoch.
    pub written_ms: i64,
}

/// What a list says of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub path: String,
    pub bytes: u64,
    /// Milliseconds since the epoch.
    pub written_ms: i64,
}

/// A place for contents. Safe for many processes and machines at once. Calls block.
#[derive(Debug, Clone)]
pub(super) struct Objects {
    store: Arc<dyn ObjectStore>,
    archive: Archive,
}

impl Objects {
    /// Nothing is asked of a bucket yet. A folder must be there.
    pub fn open(archive: &Archive) -> Result<Self, BlobError> {
        let store: Arc<dyn ObjectStore> = match archive {
            Archive::Folder(folder) => {
                let opened = LocalFileSystem::new_with_prefix(folder);
                Arc::new(opened.map_err(refused(archive, ""))?.with_fsync(true))
            }
            Archive::Bucket { bucket, prefix } => {
                let opened = bucket_of(bucket).map_err(refused(archive, ""))?;
                Arc::new(PrefixStore::new(opened, prefix.as_str()))
            }
        };
        Ok(Self {
            store,
            archive: archive.clone(),
        })
    }

    /// Where a content lies, for people.
    pub fn place(&self, path: &str) -> String {
        format!("{}/{path}", self.archive)
    }

    /// The content, `None` when there is none. Of a folder only regular files are read, and nothing beyond `limit` bytes.
    pub fn get(&self, path: &str, limit: u64) -> Result<Option<Found>, BlobError> {
        self.regular(path)?;
        wait(get(self.clone(), path.to_owned(), limit))?
    }

    /// Many at once, in their order.
    pub fn get_all(&self, paths: Vec<String>, limit: u64) -> Result<Vec<Option<Found>>, BlobError> {
        paths.iter().try_for_each(|path| self.regular(path))?;
        let objects = self.clone();
        wait(async move {
            let gets = paths.into_iter();
            let gets = gets.map(|path| get(objects.clone(), path, limit));
            let gets = stream::iter(gets).buffered(limits::BLOBS_PARALLEL);
            gets.try_collect().await
        })?
    }

    /// Writes a content; what was there before is replaced. When this returns it is there whole, whoever is killed.
    pub fn put(&self, path: &str, content: Vec<u8>) -> Result<(), BlobError> {
        let (objects, at) = (self.clone(), path.to_owned());
        wait(async move {
            let path = Path::from(at.as_str());
            let put = objects.store.put(&path, content.into()).await;
            put.map(drop).map_err(refused(&objects.archive, &at))
        })?
    }

    /// Everything below `folder`.
    pub fn list(&self, folder: &str) -> Result<Vec<Listed>, BlobError> {
        let (objects, at) = (self.clone(), folder.to_owned());
        wait(async move {
            let folder = Path::from(at.as_str());
            let listed = objects.store.list(Some(&folder));
            let listed = listed.map_ok(|meta| Listed {
                path: meta.location.to_string(),
                bytes: meta.size,
                written_ms: meta.last_modified.timestamp_millis(),
            });
            let listed = listed.try_collect().await;
            listed.map_err(refused(&objects.archive, &at))
        })?
    }

    /// Takes contents away; one that is not there any more is no fault.
    pub fn delete(&self, paths: Vec<String>) -> Result<(), BlobError> {
        let objects = self.clone();
        wait(async move {
            let deletes = paths.into_iter().map(|at| {
                let objects = objects.clone();
                async move {
                    match objects.store.delete(&Path::from(at.as_str())).await {
                        Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
                        Err(error) => Err(refused(&objects.archive, &at)(error)),
                    }
                }
            });
            let deletes = stream::iter(deletes).buffer_unordered(limits::BLOBS_PARALLEL);
            deletes.try_collect().await
        })?
    }

    /// Whether a bucket answers and lets us read: for a check before the work. A folder that was opened does.
    pub fn check(&self) -> Result<(), BlobError> {
        if let Archive::Folder(_) = &self.archive {
            return Ok(());
        }
        let objects = self.clone();
        wait(async move {
            let first = objects.store.list(None).try_next().await;
            first.map(drop).map_err(refused(&objects.archive, ""))
        })?
    }

    /// A link or a pipe in a folder is none of ours, and reading one may never end.
    fn regular(&self, path: &str) -> Result<(), BlobError> {
        let Archive::Folder(folder) = &self.archive else {
            return Ok(());
        };
        match fs::symlink_metadata(folder.join(path)) {
            Ok(meta) if !meta.is_file() => Err(irregular(&folder.join(path))),
            // What is not there is told by whoever reads it.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

async fn get(objects: Objects, path: String, limit: u64) -> Result<Option<Found>, BlobError> {
    let refused = refused(&objects.archive, &path);
    let found = match objects.store.get(&Path::from(path.as_str())).await {
        Ok(found) => found,
        Err(Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(refused(error)),
    };
    if found.meta.size > limit {
        let bytes = found.meta.size;
        return Err(BlobError::TooLarge { bytes });
    }
    let written_ms = found.meta.last_modified.timestamp_millis();
    let content = found.bytes().await.map_err(refused)?;
    Ok(Some(Found {
        content: content.into(),
        written_ms,
    }))
}

fn bucket_of(name: &str) -> Result<impl ObjectStore, Error> {
    let patience = Duration::from_secs(limits::BLOB_REQUEST_SECONDS);
    let options = ClientOptions::new()
        .with_timeout(patience)
        // Whoever names an address with http wants it so: a server of one's own.
        .with_allow_http(true);
    AmazonS3Builder::from_env()
        .with_bucket_name(name)
        .with_client_options(options)
        .with_retry(RetryConfig {
            retry_timeout: Duration::from_secs(limits::BLOB_RETRY_SECONDS),
            ..RetryConfig::default()
        })
        .build()
}

fn refused(archive: &Archive, path: &str) -> impl Fn(Error) -> BlobError + use<> {
    let shared = match archive {
        Archive::Folder(_) => Shared::No,
        Archive::Bucket { .. } => Shared::Yes,
    };
    let path = match path {
        "" => archive.to_string(),
        path => format!("{archive}/{path}"),
    };
    move |source| BlobError::Refused {
        path: path.clone(),
        shared,
        source: Box::new(source),
    }
}

/// Waits on this thread for what is done on another: callers are on threads that may block.
fn wait<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, BlobError> {
    let fault = |source| BlobError::Io {
        path: "the thread that reads and writes evidence".into(),
        source,
    };
    let (tell, hear) = mpsc::sync_channel(1);
    runtime().map_err(fault)?.spawn(async move {
        // Nobody can have gone who still waits.
        let _ = tell.send(work.await);
    });
    hear.recv()
        .map_err(|_| fault(io::Error::other("it panicked")))
}

fn runtime() -> io::Result<&'static Runtime> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("evidence")
        .enable_all()
        .build()?;
    // Of two that were made at once, one is used; nothing has been started on the other.
    if let Err(spare) = RUNTIME.set(made) {
        spare.shutdown_background();
    }
    RUNTIME.get().ok_or_else(|| io::Error::other("it is gone"))
}

fn irregular(path: &FilePath) -> BlobError {
    BlobError::Io {
        path: path.display().to_string(),
        source: io::Error::other("it is not a regular file"),
    }
}

/// A file that a person names, as [`Objects::get`] reads one; its name may be any.
pub(super) fn read_file(path: &FilePath, limit: u64) -> Result<Option<Vec<u8>>, BlobError> {
    let io = |source| BlobError::Io {
        path: path.display().to_string(),
        source,
    };
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(error)),
    };
    if !meta.is_file() {
        return Err(irregular(path));
    }
    if meta.len() > limit {
        return Err(BlobError::TooLarge { bytes: meta.len() });
    }
    fs::read(path).map(Some).map_err(io)
}

/// Makes a folder for evidence.
pub(super) fn make(folder: &FilePath) -> Result<(), BlobError> {
    fs::create_dir_all(folder).map_err(|source| BlobError::Io {
        path: folder.display().to_string(),
        source,
    })
}
