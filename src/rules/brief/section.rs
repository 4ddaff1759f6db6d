//! A part of a brief whose words are somebody else's.

use std::fmt::Write as _;

use crate::text::markdown;

/// A heading and a fence that its content cannot close.
pub(super) fn section(text: &mut String, title: &str, content: &str, language: &str) {
    let block = markdown::fence(language, content.trim_end());
    let _ = write!(text, "\n## {title}\n\n{block}\n");
}

/// JSON as people read it.
pub(super) fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}
