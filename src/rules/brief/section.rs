//! A part of a brief whose words are somebody else's.

use std::fmt::Write as _;

use crate::text::markdown;

/// A heading and a fence that its content cannot close.
pub(super) fn section(text: &mut String, title: &str, content: &str, language: &str) {
    let block = markdown::fence(language, content.trim_end());
    let _ = write!(text, "\n## {title}\n\n{block}\n");
}
