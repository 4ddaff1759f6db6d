//! Leaves: words on their way out. They know nothing of ours.

pub mod clip;
pub mod markdown;
#[cfg(test)]
pub(crate) mod markdown_reading;
pub mod number;
pub mod tokens;
