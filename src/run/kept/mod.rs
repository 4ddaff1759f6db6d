//! What is kept on this machine and elsewhere, and what of it goes when.

pub mod cleanup;
pub mod evidence;
pub mod mirrors;
pub mod prune;
