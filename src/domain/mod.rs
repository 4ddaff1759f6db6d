//! Nouns: what Countersign talks about. No I/O, no clock, no randomness in here.

pub mod brief;
pub mod claim;
pub mod command;
pub mod dossier;
pub mod event;
pub mod finding;
pub mod happening;
pub mod limits;
pub mod name;
pub mod permission;
pub mod plan;
pub mod post;
pub mod program;
pub mod pull;
pub mod recording;
pub mod room;
pub mod settings;
pub mod spec;
pub mod tape;
pub mod toolchain;
pub mod transcript;
pub mod tree;
pub mod verdict;
pub mod view;
