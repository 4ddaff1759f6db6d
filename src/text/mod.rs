//! Leaves: words on their way out. They know nothing of ours.

pub mod markdown;
