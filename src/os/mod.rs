//! Leaves: what the operating system gives. They know nothing of ours.

pub mod child;
pub mod clock;
pub mod files;
pub mod meter;
pub mod own_clock;
pub mod own_time;
pub mod process;
pub mod random;
pub mod retry;
pub mod traces;
