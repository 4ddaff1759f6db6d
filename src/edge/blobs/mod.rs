//! Content-addressed blobs on disk, and the dossiers made of them.
