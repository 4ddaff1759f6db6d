//! What tests share. A pull request with everything around it is a [`story::Story`]; a repository on somebody's machine
//! is a [`checkout::Checkout`].

pub mod answered;
pub mod browser;
pub mod bucket;
pub mod checkout;
#[cfg(all(feature = "otlp", feature = "temporal"))]
pub mod collector;
pub mod database;
#[cfg(feature = "temporal")]
pub mod engine;
pub mod files;
pub mod git_server;
pub mod graphql;
pub mod large_project;
pub mod listener;
pub mod names;
pub mod openapi;
pub mod opencode;
pub mod processes;
pub mod sandbox;
pub mod story;
pub mod tools;
