//! The file that an agent starts from: a function of the right shape that type-checks and does nothing.

use crate::domain::connection_event::ConnectionEvent;
use crate::domain::spec::{Kind, Spec};
use crate::text::clip::one_line;

const ACTION: &str = include_str!("project/action.ts");
const SYNC: &str = include_str!("project/sync.ts");
const ON_EVENT: &str = include_str!("project/on-event.ts");
const TRIGGER: &str = include_str!("project/trigger.ts");

/// The scaffold of `spec`'s function. The author's words go in as a string literal and as comments, and stay that.
pub fn scaffold(spec: &Spec) -> String {
    let text = match spec.kind {
        Kind::Action => ACTION,
        Kind::Sync => SYNC,
        Kind::OnEvent => ON_EVENT,
    };
    let docs: Vec<String> = spec
        .docs
        .iter()
        .map(|page| format!("// {}", one_line(page, usize::MAX)))
        .collect();
    // The description last, so that nothing is replaced inside of it.
    let event = spec.event.map_or("", ConnectionEvent::name);
    text.replace("__EVENT__", event)
        .replace("__MODEL__", &model(spec.key.name.as_str()))
        .replace("__DOCS__\n", &lines(&docs))
        .replace("__DESCRIPTION__", &literal(&spec.description))
}

/// The action that calls `spec`'s function, where the CLI's dry run cannot: its path and its text.
pub(super) fn trigger(spec: &Spec) -> Option<(String, String)> {
    let path = spec.trigger_path()?;
    Some((path, TRIGGER.replace("__NAME__", spec.key.name.as_str())))
}

/// `list-open-deals` → `ListOpenDeals`, which the CLI accepts as the name of a model.
fn model(name: &str) -> String {
    let mut model = String::new();
    for word in name.split('-') {
        let mut letters = word.chars();
        model.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        model.extend(letters);
    }
    // The CLI wants two characters at least.
    if model.len() < 2 {
        format!("{model}Record")
    } else {
        model
    }
}

fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A TypeScript string in single quotes, as the house style has it.
fn literal(text: &str) -> String {
    let escaped = one_line(text, usize::MAX)
        .replace('\\', r"\\")
        .replace('\'', r"\'");
    format!("'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_an_author_stay_words() {
        assert_eq!(literal("it's\n\\ done\u{2028}"), r"'it\'s \\ done'");
        assert_eq!(
            one_line("a\nimport './x.js';", usize::MAX),
            "a import './x.js';"
        );
    }

    #[test]
    fn models_are_named_as_the_cli_wants_them() {
        assert_eq!(model("list-open-deals"), "ListOpenDeals");
        assert_eq!(model("a"), "ARecord");
    }
}
