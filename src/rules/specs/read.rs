//! From a text to a raw file, with everything that is wrong with it: the schema finds the errors, the tree their
//! places, and here are the words.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::patterns::{way_out, words};
use super::problem::Problem;
use super::schema::{Checker, Which};
use super::source::SourceFile;
use super::tree::{At, Node};

/// How alike two words must be (0 to 1) before one is taken for a slip of the other.
const ALIKE: f64 = 0.7;

/// A file that has the right form.
pub(super) struct Readable<'a, T> {
    pub raw: T,
    pub text: &'a str,
    pub tree: Node,
}

/// Reads one file.
pub(super) fn read<'a, T: DeserializeOwned>(
    file: &'a SourceFile,
    which: Which,
) -> Result<Readable<'a, T>, Vec<Problem>> {
    let path = file.path.as_str();
    let text = file.text().map_err(|problem| vec![problem])?;
    let tree = Node::parse(text)
        .map_err(|error| vec![Problem::at(path, text, error.at, error.message)])?;
    let json = tree.json();
    if json.is_null() {
        let problem = Problem::of_file(path, "the file is empty");
        return Err(vec![problem.help(needed(which))]);
    }
    let duplicates = tree.duplicates().into_iter().map(|entry| {
        let message = format!("the key `{}` stands here a second time", shown(&entry.key));
        Problem::at(path, text, entry.key_at, message).help("remove one of the two")
    });
    let mut problems: Vec<Problem> = duplicates.collect();
    let Some(checker) = Checker::get(which) else {
        return Err(vec![Problem::of_file(path, "our schema for it is broken")]);
    };
    for error in checker.validator.iter_errors(&json) {
        problems.extend(problems_of(path, text, &tree, &checker.schema, &error));
    }
    if !problems.is_empty() {
        problems.sort_by_key(|problem| (problem.line, problem.column));
        return Err(problems);
    }
    match serde_json::from_value(json) {
        Ok(raw) => Ok(Readable { raw, text, tree }),
        Err(error) => Err(vec![Problem::of_file(path, error.to_string())]),
    }
}

fn needed(which: Which) -> &'static str {
    match which {
        Which::Spec => "a spec needs at least `kind` and `description`",
        Which::Integration => "say what its specs share (`connection: …`), or delete the file",
        Which::Settings => "delete the file, or set something (`mode: strict`)",
    }
}

/// What one error of the schema says to a person. One error may be about several keys.
fn problems_of(
    path: &str,
    text: &str,
    tree: &Node,
    schema: &Value,
    error: &ValidationError<'_>,
) -> Vec<Problem> {
    let pointer = error.instance_path().as_str().to_owned();
    let steps: Vec<String> = steps(&pointer);
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let node = tree.nearest(&steps);
    let name = name_of(&steps);
    let at = |at: At, message: String| Problem::at(path, text, at, message);
    let here = |message: String| vec![at(node.at, message)];
    let value = shown(&plain(error.instance()));
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known = parent(schema, error)["properties"].as_object();
            let known: Vec<&str> = known
                .into_iter()
                .flatten()
                .map(|(key, _)| key.as_str())
                .collect();
            let one = |key: &String| {
                let key_at = node.entry(key).map_or(node.at, |entry| entry.key_at);
                at(key_at, format!("unknown key `{}`", shown(key))).help(instead(key, &known))
            };
            unexpected.iter().map(one).collect()
        }
        ValidationErrorKind::PropertyNames { error: inner } => {
            let key = plain(inner.instance());
            let key_at = node.entry(&key).map_or(node.at, |entry| entry.key_at);
            let known = choices(parent(schema, inner));
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let unknown = format!("{name} has no rule `{}`", shown(&key));
            vec![at(key_at, unknown).help(instead(&key, &known))]
        }
        ValidationErrorKind::Required { property } => {
            let key = plain(property);
            let meaning = &parent(schema, error)["properties"][&key]["description"];
            let problem = at(node.at, format!("the key `{key}` is missing"));
            vec![match meaning.as_str() {
                Some(meaning) => problem.help(format!("{key}: {}", meaning.replace('\n', " "))),
                None => problem,
            }]
        }
        ValidationErrorKind::Type { kind } => here(format!(
            "{name} must be {}, and is {}",
            types(kind),
            type_of(error.instance())
        )),
        ValidationErrorKind::OneOfNotValid { .. }
        | ValidationErrorKind::AnyOf { .. }
        | ValidationErrorKind::Enum { .. }
        | ValidationErrorKind::Constant { .. } => {
            let choices = choices(parent(schema, error));
            let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
            let problem = at(
                node.at,
                match error.instance().as_ref() {
                    Value::Null => format!("{name} is empty"),
                    _ => format!("{name} cannot be `{value}`"),
                },
            );
            vec![problem.help(instead(&value, &choices))]
        }
        ValidationErrorKind::Pattern { pattern } => {
            let problem = at(node.at, not_of_the_form(&value, pattern));
            vec![match way_out(pattern) {
                Some(way_out) => problem.help(way_out),
                None => problem,
            }]
        }
        kind => here(out_of_bounds(&name, kind).unwrap_or_else(|| format!("{name}: {error}"))),
    }
}

/// A value that is too small or too large, in words.
fn out_of_bounds(name: &str, kind: &ValidationErrorKind) -> Option<String> {
    Some(match kind {
        ValidationErrorKind::Minimum { limit } => format!("{name} must be at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("{name} must be at most {limit}"),
        ValidationErrorKind::MinLength { .. } => format!("{name} is empty"),
        ValidationErrorKind::MaxLength { limit } => {
            format!("{name} is longer than {limit} characters")
        }
        ValidationErrorKind::MinItems { limit: 1 } => format!("{name} has no entry"),
        ValidationErrorKind::MinItems { limit } => {
            format!("{name} must have at least {limit} entries")
        }
        ValidationErrorKind::MaxItems { limit } => format!("{name} has more than {limit} entries"),
        _ => return None,
    })
}

fn not_of_the_form(value: &str, pattern: &str) -> String {
    match words(pattern) {
        Some(words) => format!("`{value}` is not {words}"),
        None => format!("`{value}` does not have the form {pattern}"),
    }
}

/// The part of the schema that holds the keyword which complained.
fn parent<'a>(schema: &'a Value, error: &ValidationError<'_>) -> &'a Value {
    let path = error.schema_path().as_str();
    let path = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    schema.pointer(path).unwrap_or(&Value::Null)
}

/// The segments of a JSON pointer.
fn steps(pointer: &str) -> Vec<String> {
    let unescape = |step: &str| step.replace("~1", "/").replace("~0", "~");
    pointer.split('/').skip(1).map(unescape).collect()
}

/// `limits.minutes`, or `docs, entry 2`, quoted.
fn name_of(steps: &[&str]) -> String {
    match steps {
        [] => "the file".into(),
        [keys @ .., last] => match last.parse::<usize>() {
            Ok(index) if !keys.is_empty() => {
                format!("entry {} of `{}`", index + 1, shown(&keys.join(".")))
            }
            _ => format!("`{}`", shown(&steps.join("."))),
        },
    }
}

/// All values that a part of a schema lets through by name.
fn choices(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match (key.as_str(), value) {
                ("const", Value::String(choice)) => vec![choice.clone()],
                ("enum", Value::Array(all)) => all.iter().map(plain).collect(),
                ("oneOf" | "anyOf", Value::Array(all)) => all.iter().flat_map(choices).collect(),
                _ => Vec::new(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// `did you mean …?` when one is alike, else all there are.
pub(super) fn instead(word: &str, known: &[&str]) -> String {
    let likeness = |other: &&&str| strsim::jaro_winkler(&word.to_lowercase(), other);
    let nearest = known
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .filter(|nearest| likeness(nearest) >= ALIKE);
    match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => {
            let all: Vec<String> = known.iter().map(|key| format!("`{key}`")).collect();
            format!("possible here: {}", all.join(", "))
        }
    }
}

fn types(kind: &TypeKind) -> String {
    let names = match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(many) => many.iter().map(|one| one.to_string()).collect(),
    };
    // An optional value may be absent; nobody should be told to write `null`.
    let names = names.iter().filter(|name| *name != "null");
    names
        .map(|name| article(name))
        .collect::<Vec<_>>()
        .join(" or ")
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => article("boolean"),
        Value::Number(number) if number.is_f64() => article("number"),
        Value::Number(_) => article("integer"),
        Value::String(_) => article("string"),
        Value::Array(_) => article("array"),
        Value::Object(_) => article("object"),
    }
}

fn article(name: &str) -> &'static str {
    match name {
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a text",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a map of keys and values",
        _ => "a value",
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A text as it can be quoted in one line.
fn shown(text: &str) -> String {
    let line: String = text.chars().take(60).collect();
    let line = line.replace(['\n', '\r'], " ");
    if text.chars().count() > 60 {
        format!("{line}…")
    } else {
        line
    }
}
