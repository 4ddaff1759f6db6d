//! Two texts as people compare them.

use similar::{ChangeTag, TextDiff};

use crate::domain::limits;
use crate::text::clip::shorten;

/// A unified diff of `from` and `to`, which are its headings; at most [`limits::DIFF_LINES`] lines.
pub fn unified(from: &str, to: &str, before: &str, after: &str) -> String {
    let whole = TextDiff::from_lines(before, after)
        .unified_diff()
        .header(from, to)
        .to_string();
    let count = whole.lines().count();
    let mut shown: Vec<String> = whole
        .lines()
        .take(limits::DIFF_LINES)
        .map(|line| shorten(line, limits::LINE_CHARS))
        .collect();
    if count > limits::DIFF_LINES {
        shown.push(format!("… {} more lines", count - limits::DIFF_LINES));
    }
    shown.join("\n") + "\n"
}

/// How many lines were added, and how many taken away. A line that was changed is both.
pub fn changed_lines(before: &str, after: &str) -> (usize, usize) {
    let diff = TextDiff::from_lines(before, after);
    let count = |tag: ChangeTag| {
        let changes = diff.iter_all_changes();
        changes.filter(|change| change.tag() == tag).count()
    };
    (count(ChangeTag::Insert), count(ChangeTag::Delete))
}

/// Whether a text is one that is compared line by line.
pub fn is_comparable(text: &str) -> bool {
    !text.contains('\0') && text.lines().count() <= limits::DIFFED_LINES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_on_both_sides() {
        assert_eq!(changed_lines("a\nb\n", "a\nc\nd\n"), (2, 1));
        assert_eq!(changed_lines("a\n", "a\n"), (0, 0));
    }
}
