//! Why a blob cannot be kept or read.

use std::io;

use crate::domain::limits;
use crate::domain::name::Digest;

/// Why a blob cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The place has no address that we know.
    #[error("it is not like s3://bucket/prefix; leave it out to keep evidence in the state folder")]
    Address,
    /// It was never kept here, or somebody deleted it.
    #[error("there is no blob {digest} in {at}; the evidence is incomplete")]
    Missing {
        /// Which.
        digest: Digest,
        /// Where it was looked for.
        at: String,
    },
    /// Its content is not what its name says.
    #[error(
        "the blob {digest} in {at} was changed or damaged after it was written; restore it from a copy"
    )]
    Broken {
        /// Which.
        digest: Digest,
        /// Where it lies.
        at: String,
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
    /// What keeps it refused, or could not be reached.
    #[error(
        "{path} cannot be written or read: {source}{}",
        if *shared == Shared::Yes { "; see COUNTERSIGN_BLOBS and the AWS_… variables" } else { "" }
    )]
    Refused {
        /// Which, in full.
        path: String,
        /// Whether somebody else keeps it.
        shared: Shared,
        /// Why.
        source: Box<object_store::Error>,
    },
}

/// Whether a place is another machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// A bucket.
    Yes,
    /// A folder of this machine.
    No,
}

impl BlobError {
    /// Whether it is somebody else who does not answer or refuses, so that the same may go well later.
    pub fn is_away(&self) -> bool {
        matches!(
            self,
            BlobError::Refused {
                shared: Shared::Yes,
                ..
            }
        )
    }
}
