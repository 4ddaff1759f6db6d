//! Evidence on disk: [`Blobs`] by their content's hash, and [`Dossiers`] made of them.

mod dossiers;
mod store;

pub use dossiers::{DossierError, Dossiers, Evidence};
pub use store::{BlobError, Blobs};
