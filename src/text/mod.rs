//! Leaves: words on their way out. They know nothing of ours.

pub mod clip;
pub mod markdown;
pub mod number;
#[cfg(test)]
pub(crate) mod shown;
