//! Nouns: what Countersign talks about. No I/O, no clock, no randomness in here.

pub mod attempt_fault;
pub mod brief;
pub mod claim;
pub mod clean_room;
pub mod deed;
pub mod dossier;
pub mod ending;
pub mod event;
pub mod finding;
pub mod limits;
pub mod name;
pub mod permission;
pub mod place;
pub mod plan;
pub mod post;
pub mod program;
pub mod pull;
pub mod settings;
pub mod spec;
pub mod tape;
pub mod toolchain;
pub mod transcript;
pub mod tree;
pub mod verdict;
pub mod view;
pub mod webhook_event;
