//! The files that say something about versions, and where they can lie.

use std::collections::BTreeMap;

use crate::domain::packages::WhyOurs;

/// Files that were looked for and are there: what is in them, or why that cannot be read.
pub type Found = BTreeMap<String, Result<Vec<u8>, String>>;

/// The folder and those above it, up to the repository's root, which is the empty path.
pub(super) fn folders(project: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(project), |folder| {
        (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(above, _)| above))
    })
}

/// The text of a file, if it is there.
pub(super) fn text<'a>(path: &str, found: &'a Found) -> Result<Option<&'a str>, WhyOurs> {
    let unreadable = |error: String| WhyOurs::Unreadable {
        file: path.to_owned(),
        error,
    };
    match found.get(path) {
        None => Ok(None),
        Some(Err(error)) => Err(unreadable(error.clone())),
        Some(Ok(bytes)) => std::str::from_utf8(bytes)
            .map(|text| Some(text.trim_start_matches('\u{feff}')))
            .map_err(|_| unreadable("it is not text".into())),
    }
}

/// A hash, when it is of the kind that npm checks.
pub(super) fn hash(integrity: &str) -> Option<String> {
    integrity
        .split_whitespace()
        .find(|hash| hash.starts_with("sha512-"))
        .map(str::to_owned)
}
