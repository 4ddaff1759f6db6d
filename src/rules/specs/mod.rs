//! Specs and settings: from YAML to nouns. [`check()`] reads all files of a repository at once and lists everything that
//! is wrong with them, each [`Problem`] with its line and the way out.

mod check;
pub mod draft;
mod kinds;
mod names;
mod patterns;
mod problem;
mod project;
mod raw;
mod read;
#[cfg(test)]
pub mod sample;
mod schema;
mod settings;
mod source;
mod spec;
mod tree;

pub use check::{Checked, check, shared_project};
pub use draft::{Draft, Missing};
pub use problem::{Problem, Snippet};
pub use schema::{Which, schema};
pub use settings::{SETTINGS_PATH, read_settings};
pub use source::{SourceContent, SourceFile};
