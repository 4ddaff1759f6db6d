//! The world: one folder, one outside thing, one library that speaks to it. An edge knows the domain and no other edge.

pub mod agent;
pub mod blobs;
pub mod engine;
pub mod git;
pub mod github;
pub mod nango;
pub mod sandbox;
pub mod store;
pub mod toolchain;
pub mod witness;
