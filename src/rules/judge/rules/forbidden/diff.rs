//! A change as people read it.

use similar::TextDiff;

use crate::domain::dossier::Dossier;
use crate::domain::limits;
use crate::domain::tree::{Change, Entry};

use crate::rules::judge::reading::quote;
use crate::text::clip::shorten;

/// A unified diff, or sizes and hashes where there is none to be shown.
pub fn diff(dossier: &Dossier, change: &Change) -> String {
    let text = |entry: &Option<Entry>| match entry {
        None => Some(""),
        Some(Entry::File { digest, .. }) => dossier
            .text(digest)
            .filter(|text| !text.contains('\0') && text.lines().count() <= limits::DIFFED_LINES),
        Some(Entry::Link { .. } | Entry::Other { .. }) => None,
    };
    let name = |entry: &Option<Entry>, side: &str| match entry {
        None => "/dev/null".to_owned(),
        Some(_) => format!("{side}/{}", quote::line(&change.path)),
    };
    let (from, to) = (name(&change.before, "a"), name(&change.after, "b"));
    let (Some(before), Some(after)) = (text(&change.before), text(&change.after)) else {
        return format!(
            "--- {from}\n+++ {to}\n-{}\n+{}\n",
            described(&change.before),
            described(&change.after)
        );
    };
    let whole = TextDiff::from_lines(before, after)
        .unified_diff()
        .header(&from, &to)
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

fn described(entry: &Option<Entry>) -> String {
    match entry {
        None => "(nothing)".into(),
        Some(Entry::File { size, digest }) => format!("(file of {size} bytes, sha256 {digest})"),
        Some(Entry::Link { target }) => format!("(link to {})", quote::line(target)),
        Some(Entry::Other { what }) => format!("({})", quote::line(what)),
    }
}
