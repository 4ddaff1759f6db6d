//! What stories share.

pub mod database;
pub mod walls;
pub mod listener;
pub mod git_server;
pub mod tools;
pub mod openapi;
