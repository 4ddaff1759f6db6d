//! What stories share.
pub mod listener;
