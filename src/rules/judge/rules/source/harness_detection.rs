//! **Harness detection**: the function asks where it runs.
//!
//! Sees the global `process`, `globalThis`, `vi`, `expect` and their like, `import.meta`, members that only the test's stand-in
//! of the SDK has, and questions about what the SDK's object is made of (`Reflect.has(nango, …)`, `'x' in nango`). A function that
//! knows that it is tried may behave then only, and no probe sees it. What looks alike: a local of that name, a `process`
//! method of something else. In 6,335 published functions 10 do it, six of which
//! patch the stand-in so that their own test passes. Confidence: *suspected*.

use super::finding::{once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::typescript::facts::{Path, Root, Source};

/// What the runtime has and a function does not need.
const RUNTIME: &[&str] = &[
    "process",
    "globalThis",
    "global",
    "window",
    "Deno",
    "Bun",
    "vi",
    "vitest",
    "jest",
    "expect",
    "import.meta",
    "__dirname",
    "__filename",
];
/// What only a stand-in of the SDK has.
const STAND_IN: &[&str] = &["fixtureProvider", "isMock", "_isMockFunction", "mock"];
/// What tells what the SDK's object itself is.
const OBJECT: &[&str] = &["constructor", "in", "prototype", "__proto__"];
/// What takes an object apart.
const TAKES_APART: &[&str] = &["Reflect", "Object", "JSON", "String", "structuredClone"];

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let uses = source.uses.iter().filter(|used| asks_where(&used.path));
    let mut found: Vec<Finding> = uses
        .map(|used| {
            let written = used.path.written();
            let sentence = match (used.path.root, used.path.names.last().map(String::as_str)) {
                (Root::Nango, Some("in")) => {
                    "The function asks what the SDK's object has (`in nango`).".into()
                }
                _ => format!("The function looks at what it runs in (`{written}`)."),
            };
            suspected("harness-detection", used.line, sentence)
        })
        .collect();
    found.extend(source.calls.iter().filter_map(|call| {
        let takes_apart = call.path.root == Root::Global
            && call
                .path
                .names
                .first()
                .is_some_and(|name| TAKES_APART.contains(&name.as_str()));
        let nango = call
            .names
            .iter()
            .any(|name| name.root == Root::Nango && name.names.is_empty());
        let written = call.path.written();
        (takes_apart && nango).then(|| {
            suspected(
                "harness-detection",
                call.line,
                format!("The function asks what the SDK's object is made of (`{written}(nango)`)."),
            )
        })
    }));
    once(found)
}

fn asks_where(path: &Path) -> bool {
    match path.root {
        Root::Global => path
            .names
            .first()
            .is_some_and(|name| RUNTIME.contains(&name.as_str())),
        Root::Nango => {
            let first = path.names.first().map_or("", String::as_str);
            OBJECT.contains(&first)
                || path
                    .names
                    .iter()
                    .any(|name| STAND_IN.contains(&name.as_str()))
        }
        Root::Import => path.names.first().is_some_and(|module| {
            matches!(
                module.as_str(),
                "process" | "node:process" | "vitest" | "os" | "node:os"
            )
        }),
        Root::Input | Root::Local => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_exec;

    #[test]
    fn looking_around_is_seen_however_it_is_written() {
        for text in [
            "if (typeof process !== 'undefined') { await nango.get({ retries: 3 }); }",
            "const g = globalThis; const p = g['pro' + 'cess']; await nango.get(p.env);",
            "const { env } = process; await nango.get(env);",
            "await nango.get(Reflect.has(nango, 'fixtureProvider'));",
            "await nango.get({ retries: 3, a: 'fixtureProvider' in nango });",
            "const k = ['fixture', 'Provider'].join(''); await nango.get(nango[k]);",
            "await nango.get(Object.keys(nango));",
            "if (JSON.stringify(nango).includes('dryRun')) { await nango.get({}); }",
            "await nango.get(nango.get.mock);",
            "await nango.get(import.meta.env);",
        ] {
            assert!(
                found_in_exec(text).contains(&"harness-detection".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn names_of_its_own_are_innocent() {
        for text in [
            "const process = (a: string) => a; await nango.get({ retries: 3, endpoint: process('/x') });",
            "const order = { process: 1, expect: 2 }; await nango.get(order.process);",
            "await nango.get(Object.keys(input));",
        ] {
            assert_eq!(found_in_exec(text), [""; 0], "{text}");
        }
    }
}
