//! What stories share.

pub mod database;
pub mod desk;
pub mod git_server;
pub mod listener;
pub mod openapi;
pub mod opencode;
pub mod processes;
pub mod tools;
pub mod town;
pub mod walls;
