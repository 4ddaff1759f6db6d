//! Readers of the log: the verdicts told to people. Start at [`summary`]; everything that people read goes through
//! [`crate::text::markdown`] and speaks with the words of [`words`].

pub mod answer;
mod before;
pub mod cause;
pub mod check_run;
mod circumstances;
pub mod details;
pub mod evidence;
pub mod guidance;
pub mod interactions;
pub mod meaning;
pub mod page;
pub mod page_link;
pub mod patch;
pub mod review;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod snapshots;
mod spent;
pub mod summary;
pub mod terminal;
pub mod unproven;
pub mod words;
