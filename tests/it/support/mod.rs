//! What stories share.

pub mod git_server;
