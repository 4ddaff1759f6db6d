//! The catalogue of interactions: no two are the same, each finds what it needs, and its table says what the files say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use countersign::domain::settings::Settings;
use countersign::domain::spec::{Kind, Spec};
use countersign::rules::specs::{SourceContent, SourceFile, check};

use super::specs::own_files;

fn catalogue() -> BTreeMap<String, Spec> {
    let file = |(path, content): (String, Vec<u8>)| SourceFile {
        path,
        content: SourceContent::Regular(content),
    };
    let files: Vec<SourceFile> = own_files().into_iter().map(file).collect();
    let specs = check(&files, &Settings::default()).specs;
    specs
        .into_iter()
        .map(|spec| (spec.key.to_string(), spec))
        .collect()
}

/// The interaction that the notes name as coming first.
fn comes_after(spec: &Spec) -> Option<&str> {
    let (_, rest) = spec.notes.as_deref()?.split_once("Comes after `")?;
    rest.split('`').next()
}

#[test]
fn no_two_are_the_same_and_what_comes_first_is_there() {
    let all = catalogue();
    assert!(all.len() >= 200, "{}", all.len());
    let goals: BTreeSet<&str> = all.values().map(|spec| spec.description.trim()).collect();
    assert_eq!(goals.len(), all.len(), "two have the same goal");
    for (key, spec) in &all {
        assert!(!spec.docs.is_empty(), "{key} names no page of its API");
        let mut seen = BTreeSet::from([key.as_str()]);
        let mut at = spec;
        while let Some(first) = comes_after(at) {
            at = all
                .get(first)
                .unwrap_or_else(|| panic!("{key} comes after {first}, which is not there"));
            assert_eq!(
                at.kind,
                Kind::Action,
                "{key} comes after {first}, which makes nothing"
            );
            assert!(seen.insert(first), "{key} comes after itself");
        }
        let finds = ["Find ", "Comes after `"];
        let has_input = spec.input.is_some()
            || spec.kind != Kind::Action
            || finds.iter().any(|words| {
                spec.notes
                    .as_deref()
                    .is_some_and(|notes| notes.contains(words))
            });
        assert!(
            has_input,
            "{key} has no sample input and does not say where to find one"
        );
    }
}

#[test]
fn the_table_says_what_the_files_say() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("interactions/README.md");
    let text = std::fs::read_to_string(readme).expect("the table");
    let all = catalogue();
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| ["))
        .collect();
    assert_eq!(rows.len(), all.len());
    assert!(text.contains(&format!("{} specs for five APIs", all.len())));
    for (key, spec) in &all {
        let goal: Vec<&str> = spec.description.split_whitespace().collect();
        let goal = goal.join(" ").replace('|', "\\|");
        let row = format!(
            "| [{}]({key}.yaml) | {} | {goal} |",
            spec.key.name,
            spec.kind.key()
        );
        let is_there = rows.iter().any(|found| found.starts_with(&row));
        assert!(is_there, "{row} is not in the table");
    }
}
