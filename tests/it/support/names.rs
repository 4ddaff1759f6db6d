//! Countersign and the stand-ins each have types of their own for a repository's name and a commit's id.

use std::fmt::Display;
use std::str::FromStr;

/// The same name as the other side's type.
pub fn same<Theirs: FromStr>(ours: &impl Display) -> Theirs {
    let text = ours.to_string();
    let theirs = text.parse().ok();
    theirs.unwrap_or_else(|| panic!("{text} is no name for a stand-in"))
}
