//! What the Nango CLI itself changes in a workspace in an honest run, told by path and shape.

use serde_json::Value;

use crate::domain::dossier::Dossier;
use crate::domain::name::Digest;
use crate::domain::tree::{Change, Entry};

/// What `nango generate:tests` of 0.71.10 writes, by SHA-256; the two files do not depend on the project.
const GENERATED: &[(&str, &str)] = &[
    (
        "vite.config.ts",
        "8d9c06f0d62f27458c7090f0022a3863d663f4b0efb70f44fa1d84b6f7f2e7b4",
    ),
    (
        "vitest.setup.ts",
        "12fe7de231a12a4bdc81b89cf51e7855475f7d9e56ba1983f7021beabebbacdd",
    ),
];

/// Whether the CLI itself makes this change in an honest run.
pub fn made_by_the_cli(dossier: &Dossier, path: &str, change: &Change) -> bool {
    let Some(Entry::File { digest, .. }) = &change.after else {
        // `nango compile` clears away what it does not need any more.
        return path.starts_with("build/") || path == ".nango/functions.json";
    };
    if let Some(file) = path.strip_prefix("build/") {
        return is_bundle(file);
    }
    if let Some(file) = path.strip_prefix(".nango/") {
        return matches!(
            file,
            "nango.json" | "functions.json" | "schema.json" | "schema.ts" | ".gitkeep"
        );
    }
    if let Some((_, known)) = GENERATED.iter().find(|(name, _)| *name == path) {
        return digest.as_str() == *known;
    }
    if path == dossier.seal.spec.test_path() {
        return dossier
            .seal
            .room
            .test
            .as_ref()
            .is_some_and(|ours| ours == digest || same_words(dossier, ours, digest));
    }
    path == "package.json" && generated_package(dossier, change)
}

/// `<integration>_<kind>_<name>.cjs`.
fn is_bundle(file: &str) -> bool {
    let Some(name) = file
        .strip_suffix(".cjs")
        .or_else(|| file.strip_suffix(".cjs.map"))
    else {
        return false;
    };
    let parts: Vec<&str> = name.split('_').collect();
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    parts.len() == 3
        && parts.iter().all(|part| plain(part))
        && matches!(parts[1], "actions" | "syncs" | "on-events")
}

/// The same text but for white space.
fn same_words(dossier: &Dossier, one: &Digest, other: &Digest) -> bool {
    match (dossier.text(one), dossier.text(other)) {
        (Some(one), Some(other)) => one.split_whitespace().eq(other.split_whitespace()),
        _ => false,
    }
}

/// Whether `package.json` differs only by what `nango generate:tests` adds: vitest, and the script that starts it.
fn generated_package(dossier: &Dossier, change: &Change) -> bool {
    let json = |entry: &Option<Entry>| match entry {
        Some(Entry::File { digest, .. }) => dossier
            .text(digest)
            .and_then(|text| serde_json::from_str::<Value>(text).ok()),
        _ => None,
    };
    let (Some(mut before), Some(mut after)) = (json(&change.before), json(&change.after)) else {
        return false;
    };
    let script = after.pointer("/scripts/test").and_then(Value::as_str);
    if !matches!(script, None | Some("vitest")) {
        return false;
    }
    let version = after.pointer("/devDependencies/vitest");
    let plain_version = version.is_none_or(|version| {
        version.as_str().is_some_and(|version| {
            version
                .trim_start_matches(['^', '~'])
                .chars()
                .all(|c| c.is_ascii_digit() || c == '.')
        })
    });
    for package in [&mut before, &mut after] {
        for (group, key) in [("scripts", "test"), ("devDependencies", "vitest")] {
            if let Some(Value::Object(map)) = package.get_mut(group) {
                map.remove(key);
            }
            if package
                .get(group)
                .and_then(Value::as_object)
                .is_some_and(|map| map.is_empty())
                && let Some(package) = package.as_object_mut()
            {
                package.remove(group);
            }
        }
    }
    plain_version && before == after
}
