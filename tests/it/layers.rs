//! The directions of dependence that `docs/design.md` promises, read off the `use` lines and paths of the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A layer is a path prefix below `src`; it may name only these other layers of the crate.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("os", &[]),
    ("text", &[]),
    ("rules", &["domain", "text"]),
    ("edge", &["domain", "os"]),
    ("run", &["app", "domain", "rules", "edge", "os"]),
    ("report", &["domain", "rules", "text"]),
    ("slash", &["domain", "rules", "text"]),
    (
        "server",
        &[
            "app", "domain", "rules", "edge", "report", "slash", "run", "os", "text",
        ],
    ),
];

/// What `rules` and `domain` must not touch: the world. A word of a path in the source.
const WORLD: &[&str] = &[
    "tokio",
    "reqwest",
    "axum",
    "sqlx",
    "git2",
    "octocrab",
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::time::SystemTime",
    "Instant::now",
    "jiff::Timestamp::now",
];

fn sources(under: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(under)
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    found.sort();
    found
}

/// The code of a file without comments and without its bottom test module.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a source file is readable");
    let text = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first word after every `crate::`, also inside `use crate::{a, b::c}`.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut names = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(group) => {
                let mut depth = 1;
                let mut item = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 || (depth == 1 && c == ',') {
                        names.insert(word(item.trim()));
                        item.clear();
                        if depth == 0 {
                            break;
                        }
                    } else {
                        item.push(c);
                    }
                }
            }
            None => {
                names.insert(word(after));
            }
        }
    }
    names.remove("");
    names
}

#[test]
fn dependencies_point_the_way_the_design_says() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let layers: BTreeSet<&str> = [
        "app", "cli", "config", "domain", "edge", "os", "report", "rules", "run", "server",
        "slash", "text",
    ]
    .into();
    let mut wrong = Vec::new();
    for (layer, may) in MAY_USE {
        for path in sources(&src.join(layer)) {
            let own = layer.trim_end_matches(".rs");
            for name in named(&code(&path)) {
                if layers.contains(name.as_str()) && name != own && !may.contains(&name.as_str()) {
                    wrong.push(format!(
                        "{} uses {name}",
                        path.strip_prefix(&src).unwrap_or(&path).display()
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "against the directions in docs/design.md:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn an_edge_knows_no_other_edge() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for path in sources(&src.join("edge")) {
        let inside = path
            .strip_prefix(src.join("edge"))
            .expect("below src/edge")
            .to_owned();
        let own = inside
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy()
            .trim_end_matches(".rs")
            .to_owned();
        for after in code(&path).split("crate::edge::").skip(1) {
            let other: String = after
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if other != own {
                wrong.push(format!("edge/{} uses edge/{other}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn deciding_touches_nothing() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for layer in ["domain", "rules"] {
        for path in sources(&src.join(layer)) {
            let code = code(&path);
            for world in WORLD.iter().filter(|world| code.contains(**world)) {
                wrong.push(format!(
                    "{} names {world}",
                    path.strip_prefix(&src).unwrap_or(&path).display()
                ));
            }
            if code.contains("async fn") {
                wrong.push(format!("{} is async", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_sees_a_wrong_direction() {
    assert_eq!(
        named("use crate::{edge::git, domain::x};"),
        ["edge".to_owned(), "domain".to_owned()].into()
    );
    assert_eq!(
        named("let x = crate::run::work();"),
        ["run".to_owned()].into()
    );
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
