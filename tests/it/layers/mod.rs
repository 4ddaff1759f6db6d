//! The directions of dependence that `docs/design.md` promises, for every file of `src`.

mod imports;

use std::collections::BTreeMap;
use std::path::Path;

use imports::Imports;

/// A layer is a path below `src`, and what it may use besides itself. The longest path that fits a file is its layer; a
/// file that none fits fails the test.
const LAYERS: &[(&str, &[&str])] = &[
    // Leaves: nothing of ours.
    ("domain/", &[]),
    ("os/", &[]),
    ("text/", &[]),
    // Decisions, pure.
    ("rules/", &["domain/", "text/"]),
    // The world; an edge knows no other edge.
    ("edge/", &["domain/", "os/", "text/"]),
    // Readers of the log.
    ("report/", &["domain/", "rules/", "text/"]),
    ("slash/", &["domain/", "rules/", "text/"]),
    // One run.
    ("run/", &["domain/", "rules/", "edge/", "os/", "text/"]),
    ("config.rs", &["domain/", "os/", "text/"]),
    ("preflight.rs", &["config.rs", "edge/"]),
    (
        "app.rs",
        &[
            "config.rs",
            "preflight.rs",
            "run/",
            "edge/",
            "domain/",
            "os/",
        ],
    ),
    // The process that stays.
    (
        "server/",
        &[
            "app.rs",
            "config.rs",
            "run/",
            "rules/",
            "edge/",
            "report/",
            "slash/",
            "domain/",
            "os/",
            "text/",
        ],
    ),
    // What a person types.
    (
        "cli/",
        &[
            "app.rs",
            "config.rs",
            "preflight.rs",
            "server/",
            "run/",
            "rules/",
            "edge/",
            "report/",
            "slash/",
            "domain/",
            "os/",
            "text/",
        ],
    ),
    ("lib.rs", &[]),
    ("main.rs", &["cli/", "domain/", "edge/sandbox/", "os/"]),
];

/// What `rules` and `domain` must not touch: the world, as it stands in tokens.
const WORLD: &[&str] = &[
    "tokio ::",
    "reqwest ::",
    "axum ::",
    "sqlx ::",
    "git2 ::",
    "octocrab ::",
    "std :: fs",
    "std :: net",
    "std :: process",
    "std :: env",
    "SystemTime",
    "Instant :: now",
    "Timestamp :: now",
    "Zoned :: now",
    "async fn",
];

fn sources() -> Imports {
    Imports::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn layer_of(file: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    LAYERS
        .iter()
        .filter(|(layer, _)| file.starts_with(layer))
        .max_by_key(|(layer, _)| layer.len())
}

fn against_the_directions(imports: &Imports) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in imports.files() {
        let Some((layer, may)) = layer_of(file) else {
            wrong.push(format!("{file} is in no layer"));
            continue;
        };
        for other in imports.from(file) {
            if !other.starts_with(layer) && !may.iter().any(|may| other.starts_with(may)) {
                wrong.push(format!("{file} uses {other}"));
            }
        }
    }
    wrong
}

#[test]
fn dependencies_point_the_way_the_design_says() {
    let wrong = against_the_directions(&sources());
    assert!(
        wrong.is_empty(),
        "against the directions in docs/design.md:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let imports = sources();
    let circles = imports.circles();
    assert!(circles.is_empty(), "circles of files:\n{circles:#?}");
}

#[test]
fn an_edge_knows_no_other_edge() {
    let imports = sources();
    let edge = |file: &str| {
        file.strip_prefix("edge/")
            .and_then(|inside| inside.split('/').next())
            .map(str::to_owned)
    };
    let mut wrong = Vec::new();
    for file in imports.files() {
        let Some(own) = edge(file).filter(|own| own != "mod.rs") else {
            continue;
        };
        for other in imports.from(file) {
            if edge(other).is_some_and(|other| other != own) {
                wrong.push(format!("{file} uses {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn deciding_touches_nothing() {
    let imports = sources();
    let mut wrong = Vec::new();
    for file in imports.files() {
        if !file.starts_with("domain/") && !file.starts_with("rules/") {
            continue;
        }
        for world in WORLD {
            if imports.code(file).contains(world) {
                wrong.push(format!("{file} names {world}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn imagined(files: &[(&str, &str)]) -> Imports {
    let files: BTreeMap<String, String> = files
        .iter()
        .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
        .collect();
    Imports::of(files)
}

#[test]
fn the_check_sees_a_wrong_direction_however_it_is_written() {
    let edge = ("edge/git.rs", "pub fn fetch() {}");
    for (file, text) in [
        ("rules/a.rs", "use crate::edge::git::fetch;"),
        ("rules/a.rs", "use crate::{edge::git, domain};"),
        ("rules/a.rs", "fn a() { super::super::edge::git::fetch() }"),
        (
            "rules/a.rs",
            "fn a() { println!(\"{:?}\", crate::edge::git::fetch()) }",
        ),
        // After a test module, and in one whose name is not `tests`.
        (
            "rules/a.rs",
            "#[cfg(test)] mod sample; use crate::edge::git::fetch;",
        ),
        (
            "rules/a.rs",
            "mod inside { pub fn a() { super::super::super::edge::git::fetch() } }",
        ),
    ] {
        let wrong = against_the_directions(&imagined(&[edge, (file, text)]));
        assert_eq!(wrong, ["rules/a.rs uses edge/git.rs"], "{text}");
    }
    let innocent = "#[cfg(test)] mod tests { use crate::edge::git::fetch; } use std::fmt;";
    let innocent = imagined(&[edge, ("rules/a.rs", innocent)]);
    assert!(against_the_directions(&innocent).is_empty());
    let nowhere = against_the_directions(&imagined(&[("other.rs", "")]));
    assert_eq!(nowhere, ["other.rs is in no layer"]);
}

#[test]
fn the_check_sees_a_circle_and_no_circle_in_a_table_of_contents() {
    let circle = imagined(&[
        ("rules/mod.rs", "pub mod a; pub mod b;"),
        ("rules/a.rs", "use super::b::B; pub struct A;"),
        ("rules/b.rs", "use super::a::A; pub struct B;"),
    ]);
    assert_eq!(circle.circles(), [["rules/a.rs", "rules/b.rs"]]);
    let contents = imagined(&[
        ("rules/mod.rs", "mod a; pub use a::A; pub struct Shared;"),
        ("rules/a.rs", "use super::Shared; pub struct A(Shared);"),
    ]);
    assert!(contents.circles().is_empty());
    // A re-export is followed to the file that defines the name.
    let through = imagined(&[
        ("rules/mod.rs", "mod a; mod b; pub use b::B;"),
        ("rules/a.rs", "use super::B; pub struct A(B);"),
        ("rules/b.rs", "use crate::rules::a::A; pub struct B;"),
    ]);
    assert_eq!(through.circles(), [["rules/a.rs", "rules/b.rs"]]);
}

#[test]
fn the_story_stays_short() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/run/mod.rs");
    let lines = std::fs::read_to_string(path)
        .expect("the story is there")
        .lines()
        .count();
    assert!(
        lines <= 150,
        "src/run/mod.rs has {lines} lines; it should read in one go"
    );
}
