//! What stories share.

pub mod database;
pub mod walls;
pub mod listener;
