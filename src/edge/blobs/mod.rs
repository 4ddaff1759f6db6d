//! Evidence in a folder or in a bucket: [`Blobs`] by their content's hash, and [`Dossiers`] made of them.

mod archive;
mod dossiers;
mod error;
mod objects;
mod prune;
mod store;

pub use archive::Archive;
pub use dossiers::{DossierError, Dossiers, Evidence};
pub use error::{BlobError, Shared};
pub use store::Blobs;
