//! How a spec says what it wants, as far as words tell.

use crate::domain::spec::Spec;

/// What a spec may ask for, and the beginnings of the words by which a function knows it.
pub(super) const NOUNS: &[(&str, &[&str])] = &[
    ("attendees", &["attend", "guest", "participant", "invite"]),
    ("reminder", &["remind", "alarm", "alert", "notif"]),
    ("location", &["locat", "place", "address", "venue", "room"]),
    ("link", &["link", "url", "uri", "href", "permalink"]),
    ("e-mail", &["mail"]),
    ("attachment", &["attach", "file"]),
    ("due date", &["due", "deadline"]),
    ("priority", &["priorit", "importan", "urgen"]),
    ("assignee", &["assign", "owner"]),
    ("avatar", &["avatar", "image", "picture", "photo"]),
    ("currency", &["currenc", "money"]),
];

/// How sentences begin that ask for something to be given.
const READS: &[&str] = &[
    "list", "get", "fetch", "find", "search", "keep", "sync", "read", "return", "show", "retrieve",
    "load", "export",
];
/// What stands before what is not wanted.
pub(super) const WITHOUT: &[&str] = &[
    "not",
    "without",
    "except",
    "excluding",
    "skip",
    "ignore",
    "omit",
    "no",
];
/// What a spec asks for. Lines are wrapped anywhere; sentences and their halves end with a sign.
pub(super) fn asked(spec: &Spec) -> String {
    let notes = spec.notes.as_deref().unwrap_or_default();
    format!("{}. {notes}", spec.description).replace('\n', " ")
}

/// The list of a sentence in lower case that names what is to be given: behind *return*, or behind the colon of one that reads.
pub(super) fn list(sentence: &str) -> Option<&str> {
    let mut begins = sentence.split_whitespace();
    let is_read = begins.next().is_some_and(|verb| READS.contains(&verb));
    let list = match (sentence.split_once(':'), sentence.split_once("return ")) {
        (Some((_, list)), _) if is_read => list,
        (_, Some((_, list))) => list,
        _ => return None,
    };
    let is_turned = words(list).any(|word| WITHOUT.contains(&word));
    (!is_turned).then_some(list)
}

/// The words of a text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty())
}
