//! Red flags: what the transcript shows about an agent's conduct. One file each, with one function `find`, and one line in
//! [`super::RULES`]. A red flag never makes the function worse: what gets in was made and checked by us. It tells people
//! how far to trust the one who wrote it.

pub mod claims_against_results;
pub mod invented_command;
pub mod outside_workspace;
pub mod recording_written_by_hand;
