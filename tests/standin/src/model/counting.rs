//! Tokens as a provider counts them: of what it is asked, how much of that it has read before, and of what it answers.
//! A token is taken for four bytes.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;

const BYTES_PER_TOKEN: usize = 4;
/// Tokens around a message: whose it is, where it ends.
const AROUND: usize = 4;

/// What a request asks the model to read, in the order in which it does: the tools, then message by message.
#[derive(Debug, Clone, Default)]
pub(super) struct Prompt {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
struct Piece {
    /// Of everything up to its end.
    beginning: u64,
    tokens: u64,
}

impl Prompt {
    /// Of a request's body.
    pub fn of(body: &Value) -> Self {
        let mut hasher = DefaultHasher::new();
        let messages = body["messages"].as_array().into_iter().flatten();
        let pieces = std::iter::once(&body["tools"]).chain(messages);
        let pieces = pieces.map(|piece| {
            piece.to_string().hash(&mut hasher);
            Piece {
                beginning: hasher.finish(),
                tokens: of_bytes(words(piece)) + AROUND as u64,
            }
        });
        Self {
            pieces: pieces.collect(),
        }
    }

    /// All tokens.
    pub fn tokens(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.tokens).sum()
    }
}

/// What was read before and need not be read again.
#[derive(Debug, Default)]
pub(super) struct Cache {
    beginnings: HashSet<u64>,
}

impl Cache {
    /// So many tokens at the beginning of the prompt, in whole messages.
    pub fn holds(&self, prompt: &Prompt) -> u64 {
        let known = |piece: &&Piece| self.beginnings.contains(&piece.beginning);
        let known = prompt.pieces.iter().take_while(known);
        known.map(|piece| piece.tokens).sum()
    }

    /// From now on it holds all of this.
    pub fn keep(&mut self, prompt: &Prompt) {
        let all = prompt.pieces.iter().map(|piece| piece.beginning);
        self.beginnings.extend(all);
    }
}

/// Tokens of an answer that is as long.
pub(super) fn of_bytes(bytes: usize) -> u64 {
    u64::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(u64::MAX)
}

/// Bytes of all names and words in it. The punctuation of JSON is the protocol's and not read.
fn words(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(words).sum(),
        Value::Object(fields) => {
            let fields = fields.iter();
            fields.map(|(name, field)| name.len() + words(field)).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn prompt(said: &[&str]) -> Prompt {
        let messages: Vec<Value> = said
            .iter()
            .map(|said| json!({ "role": "user", "content": said }))
            .collect();
        Prompt::of(&json!({ "tools": [{ "name": "bash" }], "messages": messages }))
    }

    #[test]
    fn what_was_read_before_is_held_up_to_the_first_difference() {
        let mut cache = Cache::default();
        let first = prompt(&["the same for all", "mine"]);
        assert_eq!(cache.holds(&first), 0);
        cache.keep(&first);
        assert_eq!(cache.holds(&first), first.tokens());
        let longer = prompt(&["the same for all", "mine", "more"]);
        assert_eq!(cache.holds(&longer), first.tokens());
        let other = prompt(&["the same for all", "yours"]);
        assert_eq!(cache.holds(&other), prompt(&["the same for all"]).tokens());
        assert_eq!(
            cache.holds(&prompt(&["another", "mine"])),
            prompt(&[]).tokens()
        );
    }

    #[test]
    fn a_token_is_four_bytes() {
        let more = prompt(&["a message", "of forty bytes, names of fields included"]);
        let less = prompt(&["a message"]);
        // `role`, `user`, `content` and the words.
        let bytes = 4 + 4 + 7 + 40;
        assert_eq!(
            more.tokens() - less.tokens(),
            of_bytes(bytes) + AROUND as u64
        );
        assert_eq!((of_bytes(0), of_bytes(1), of_bytes(5)), (0, 1, 2));
    }
}
