//! What a function shows of itself, to hold a spec's words against: names and texts of its source, requests, output.

use crate::domain::dossier::Dossier;
use crate::domain::tape::Phase;
use crate::rules::judge::reading::recording::Recording;
use crate::rules::judge::reading::typescript::facts::{Purpose, Role, Shape, Source};

/// What is shown, in texts of letters and digits.
pub(super) struct Shown {
    known: String,
    given: Option<String>,
}

impl Shown {
    /// Of a function.
    pub(super) fn of(dossier: &Dossier, source: &Source) -> Self {
        Self {
            known: known(dossier, source),
            given: given(dossier, source),
        }
    }

    /// Whether there is any trace of a plain word.
    pub(super) fn has(&self, word: &str) -> bool {
        self.known.contains(word)
    }

    /// Whether what it gives back has the word. Of an output that is not spelled out every trace counts.
    pub(super) fn gives(&self, word: &str) -> bool {
        self.given.as_ref().unwrap_or(&self.known).contains(word)
    }
}

/// The names of what is given, by its schemas and in our recording; nothing when a schema is not spelled out.
fn given(dossier: &Dossier, source: &Source) -> Option<String> {
    let mut given = String::new();
    for schema in &source.schemas {
        if schema.role != Role::Input {
            add_fields(&mut given, &schema.shape)?;
        }
    }
    let recording = Recording::ours(dossier).filter(|_| !given.is_empty());
    for value in recording.iter().flat_map(Recording::gives) {
        add(&mut given, &value.to_string());
    }
    (!given.is_empty()).then_some(given)
}

/// Adds the names of all fields; nothing when something may have others.
fn add_fields(given: &mut String, shape: &Shape) -> Option<()> {
    match shape {
        Shape::Object { is_open: true, .. } | Shape::Anything => None,
        Shape::Object { fields, .. } => {
            // What is not understood has no fields here.
            (!fields.is_empty()).then_some(())?;
            for field in fields {
                add(given, &field.name);
                add_fields(given, &field.shape)?;
            }
            Some(())
        }
        Shape::List(inner) | Shape::Optional(inner) => add_fields(given, inner),
        Shape::Either(several) => several.iter().try_for_each(|one| add_fields(given, one)),
        Shape::Other => Some(()),
    }
}

/// Everything that the function shows, in one text of letters and digits.
fn known(dossier: &Dossier, source: &Source) -> String {
    let mut known = String::new();
    for name in source.names.iter().chain(&source.members) {
        add(&mut known, &name.text);
    }
    for text in source
        .texts
        .iter()
        .filter(|text| text.purpose != Purpose::Description)
    {
        add(&mut known, &text.value);
    }
    for asked in dossier.tape.of(Phase::CleanRoom) {
        add(&mut known, &asked.path);
        add(&mut known, &asked.query);
        add(
            &mut known,
            asked.request.text.as_deref().unwrap_or_default(),
        );
    }
    if let Some(recording) = Recording::ours(dossier) {
        for value in recording.gives().chain(recording.given()) {
            add(&mut known, &value.to_string());
        }
    }
    known
}

fn add(known: &mut String, text: &str) {
    known.push_str(&plain(text));
    known.push(' ');
}

pub(super) fn plain(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}
