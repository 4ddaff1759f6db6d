//! A change as people read it.

use crate::domain::dossier::Dossier;
use crate::domain::tree::{Change, Entry};

use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::unified::{is_comparable, unified};

/// A unified diff, or sizes and hashes where there is none to be shown.
pub fn diff(dossier: &Dossier, change: &Change) -> String {
    let text = |entry: &Option<Entry>| match entry {
        None => Some(""),
        Some(Entry::File { digest, .. }) => dossier.text(digest).filter(|text| is_comparable(text)),
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
    unified(&from, &to, before, after)
}

fn described(entry: &Option<Entry>) -> String {
    match entry {
        None => "(nothing)".into(),
        Some(Entry::File { size, digest }) => format!("(file of {size} bytes, sha256 {digest})"),
        Some(Entry::Link { target }) => format!("(link to {})", quote::line(target)),
        Some(Entry::Other { what }) => format!("({})", quote::line(what)),
    }
}
