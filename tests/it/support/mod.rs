//! What stories share.

pub mod opencode;
