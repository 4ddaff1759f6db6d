//! Leaves: what the operating system gives. They know nothing of ours.

pub mod child;
pub mod clock;
pub mod files;
pub mod process;
pub mod random;
pub mod retry;
