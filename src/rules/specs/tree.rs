//! YAML as a tree in which every key and value knows its line and column. What is wrong with a file is then said about
//! the place that a person has to look at.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

/// Events that aliases may add to a file. Enough for a few shared lists, too little for a bomb.
const ALIAS_EVENTS: usize = 2_000;
/// How deep a file may nest.
const DEPTH: usize = 32;

const TOO_DEEP: &str = "the file nests too deeply, or is too complicated";

/// A place in a text. Both count from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct At {
    pub line: u32,
    pub column: u32,
}

impl At {
    pub(super) const START: At = At { line: 1, column: 1 };

    fn of(location: serde_saphyr::Location) -> Self {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
        At {
            line: number(location.line()),
            column: number(location.column()),
        }
    }

    /// The same, or the end of the last line when the text has no such line: the parser notices at the end of a file
    /// what it misses there.
    fn within(self, text: &str) -> Self {
        let lines = u32::try_from(text.lines().count()).unwrap_or(u32::MAX);
        match text.lines().last() {
            Some(last) if self.line > lines => At {
                line: lines,
                column: u32::try_from(last.chars().count()).map_or(u32::MAX, |end| end + 1),
            },
            _ => self,
        }
    }
}

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub at: At,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<MapEntry>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct MapEntry {
    pub key: String,
    pub key_at: At,
    pub value: Node,
}

/// Why a text is no YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NoYaml {
    pub at: At,
    pub message: String,
}

impl Node {
    /// Reads one YAML document. Duplicate keys are kept, for the caller to complain about.
    pub(super) fn parse(text: &str) -> Result<Node, NoYaml> {
        let options = serde_saphyr::options! {
            duplicate_keys: DuplicateKeyPolicy::PassThrough,
            merge_keys: MergeKeyPolicy::Error,
            alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: ALIAS_EVENTS },
            budget: serde_saphyr::budget! { max_depth: DEPTH },
            // `yes` and `0755` in a sample input are texts to whoever writes them.
            strict_booleans: true,
            leading_zero_numbers_as_strings: true,
            underscored_numbers_as_strings: true,
            with_snippet: false,
        };
        serde_saphyr::from_str_with_options(text, options).map_err(|error| no_yaml(text, &error))
    }

    /// The same without places.
    pub(super) fn json(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(value) => Value::Bool(*value),
            Content::Number(value) => Value::Number(value.clone()),
            Content::Text(value) => Value::String(value.clone()),
            Content::List(items) => items.iter().map(Node::json).collect(),
            Content::Map(entries) => {
                let entries = entries.iter();
                let json = entries.map(|entry| (entry.key.clone(), entry.value.json()));
                Value::Object(json.collect::<Map<_, _>>())
            }
        }
    }

    /// The value at the end of `path`, or the nearest one on the way there.
    pub(super) fn nearest(&self, path: &[&str]) -> &Node {
        let Some((first, rest)) = path.split_first() else {
            return self;
        };
        let next = match &self.content {
            Content::Map(_) => self.entry(first).map(|entry| &entry.value),
            Content::List(items) => first.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        };
        next.map_or(self, |next| next.nearest(rest))
    }

    /// The entry of this map with the key `key`.
    pub(super) fn entry(&self, key: &str) -> Option<&MapEntry> {
        match &self.content {
            Content::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// Every key that stands a second time in the same map, at any depth.
    pub(super) fn duplicates(&self) -> Vec<&MapEntry> {
        match &self.content {
            Content::Map(entries) => {
                let mut seen = std::collections::BTreeSet::new();
                let mut found = Vec::new();
                for entry in entries {
                    if !seen.insert(entry.key.as_str()) {
                        found.push(entry);
                    }
                    found.extend(entry.value.duplicates());
                }
                found
            }
            Content::List(items) => items.iter().flat_map(Node::duplicates).collect(),
            _ => Vec::new(),
        }
    }
}

/// What the parser says, in words for an author instead of for a developer, at the place to look at.
fn no_yaml(text: &str, error: &serde_saphyr::Error) -> NoYaml {
    use serde_saphyr::Error;
    let error = error.without_snippet();
    let at = error.location().map_or(At::START, At::of).within(text);
    let words = match error {
        Error::MultipleDocuments { .. } => "a file holds one YAML document, and here is a second",
        Error::RecursiveReferencesRequireWeakTypes { .. } => "the alias refers to itself",
        Error::MergeKeyNotAllowed { .. } => {
            "merge keys (`<<`) are not supported; write the keys out"
        }
        Error::NonFiniteFloat { .. } => {
            "only finite numbers can be passed on; quote it if it is a text"
        }
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => "aliases make the file far too large",
        Error::Budget { .. } => TOO_DEEP,
        Error::Unexpected { expected, .. } if expected.contains("string") => "a key must be a text",
        other => {
            let words = other.to_string();
            // The parser has a limit of its own, and aliases hide ours in words for developers.
            if words.contains("recursion limit") || words.contains("Depth {") {
                TOO_DEEP
            } else {
                return parser_says(text, at, &words);
            }
        }
    };
    NoYaml {
        at,
        message: words.to_owned(),
    }
}

/// The first line of the parser's own words, without the place, which we show ourselves.
fn parser_says(text: &str, at: At, words: &str) -> NoYaml {
    let first = words.lines().next().unwrap_or("this is no YAML");
    let end = first.find(" at line ").unwrap_or(first.len());
    let message = first[..end].trim_end_matches(['.', ',', ' ']);
    // The parser notices a tab long after it; an author wants to see the tab.
    let indented_by_tab = |line: &str| line.trim_start_matches(' ').starts_with('\t');
    let tab = text.lines().position(indented_by_tab);
    match tab.filter(|_| message.contains("tab")) {
        Some(line) => NoYaml {
            at: At {
                line: line as u32 + 1,
                column: 1,
            },
            message: "YAML is indented with spaces, and here is a tab".into(),
        },
        None => NoYaml {
            at,
            message: message.to_owned(),
        },
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Content>::deserialize(deserializer)?;
        Ok(Node {
            at: At::of(spanned.referenced),
            content: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_unit<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }
    fn visit_none<E>(self) -> Result<Content, E> {
        Ok(Content::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Content, D::Error> {
        Content::deserialize(deserializer)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Content, E> {
        Ok(Content::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Content, E> {
        Ok(Content::Number(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Content, E> {
        Ok(Content::Number(value.into()))
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Content, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number is not finite"))?;
        Ok(Content::Number(number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Content, E> {
        Ok(Content::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Content, E> {
        Ok(Content::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Content, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Content::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Content, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            if key.value.contains('\0') {
                return Err(A::Error::custom("a key holds a NUL character"));
            }
            entries.push(MapEntry {
                key_at: At::of(key.referenced),
                key: key.value,
                value: map.next_value()?,
            });
        }
        Ok(Content::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> At {
        At { line, column }
    }

    #[test]
    fn every_key_and_value_knows_its_place() {
        let text =
            "kind: action\ninput:\n  list:\n    - one\n    - { deep: 2 }\n  \"quoted\":  yes\n";
        let node = Node::parse(text).expect("YAML");
        assert_eq!(node.nearest(&["kind"]).at, at(1, 7));
        assert_eq!(node.nearest(&["input", "list", "1", "deep"]).at, at(5, 15));
        let input = node.nearest(&["input"]);
        let quoted = input.entry("quoted").expect("an entry");
        assert_eq!((quoted.key_at, quoted.value.at), (at(6, 3), at(6, 14)));
        assert_eq!(quoted.value.content, Content::Text("yes".into()));
        let json = serde_json::json!(
            {"kind": "action", "input": {"list": ["one", {"deep": 2}], "quoted": "yes"}}
        );
        assert_eq!(node.json(), json);
    }

    #[test]
    fn duplicates_are_found_at_any_depth() {
        let node = Node::parse("a: 1\nb:\n  - c: 1\n    c: 2\na: 3\n").expect("YAML");
        let places: Vec<At> = node.duplicates().iter().map(|entry| entry.key_at).collect();
        assert_eq!(places, [at(4, 5), at(5, 1)]);
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let previous = format!("*a{}", level - 1);
            let list = vec![previous; 9].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        let error = Node::parse(&text).expect_err("refused");
        assert!(error.message.contains("alias"), "{error:?}");
        let deep = format!("a: {}{}", "[".repeat(500), "]".repeat(500));
        assert!(Node::parse(&deep).is_err());
    }
}
