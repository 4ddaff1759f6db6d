//! What may be posted: words that went through the redactor, and no others. Only [`GitHub::redacted`] makes them.

use std::ops::Deref;

use super::app::GitHub;
use crate::domain::post::{CheckRun, Review};

/// Words without any token of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<T>(T);

impl<T> Deref for Redacted<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// What has words in it.
pub trait HasWords: Sized {
    /// The same, with each of its words put through `clean`.
    fn map_words(self, clean: impl Fn(&str) -> String) -> Self;
}

impl HasWords for String {
    fn map_words(self, clean: impl Fn(&str) -> String) -> Self {
        clean(&self)
    }
}

impl HasWords for CheckRun {
    fn map_words(mut self, clean: impl Fn(&str) -> String) -> Self {
        self.title = clean(&self.title);
        self.summary = clean(&self.summary);
        self.text = self.text.map(|text| clean(&text));
        for annotation in &mut self.annotations {
            annotation.title = clean(&annotation.title);
            annotation.message = clean(&annotation.message);
        }
        self
    }
}

impl HasWords for Review {
    fn map_words(mut self, clean: impl Fn(&str) -> String) -> Self {
        self.body = clean(&self.body);
        for comment in &mut self.comments {
            comment.body = clean(&comment.body);
        }
        self
    }
}

impl GitHub {
    /// Takes tokens of ours out of what is to be posted, should one have found its way into what a program or a person
    /// said.
    pub fn redacted<T: HasWords>(&self, words: T) -> Redacted<T> {
        Redacted(words.map_words(|text| self.broker().redact(text)))
    }
}
