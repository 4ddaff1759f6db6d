//! What stories share.
pub mod tools;
