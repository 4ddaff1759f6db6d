//! What stories share.

pub mod database;
