//! What stories share.
