//! **Sandbox escape**: the function makes code at run time, or climbs to the maker of functions.
//!
//! Sees `eval`, `Function(…)`, `new Function`, a call of something's `.constructor`, dynamic imports and `require`. From there a
//! function reaches what the CLI's sandbox keeps from it, its secrets among them. What looks alike: `error.constructor.name`, a class's own
//! constructor. In 6,335 published functions: none. Confidence: *suspected*; the walls hold whatever it tries.

use super::finding::{once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::typescript::facts::{Path, Root, Source};

const MAKERS: &[&str] = &["eval", "Function", "require", "import()", "WebAssembly"];
const MODULES: &[&str] = &[
    "vm",
    "module",
    "child_process",
    "worker_threads",
    "inspector",
    "v8",
];

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let uses = source.uses.iter().map(|used| (used.line, &used.path));
    let calls = source.calls.iter().map(|call| (call.line, &call.path));
    let called =
        calls.filter(|(_, path)| path.names.last().is_some_and(|name| name == "constructor"));
    let makers = uses.filter(|(_, path)| makes_code(path));
    once(
        makers
            .chain(called)
            .map(|(line, path)| {
                let written = path.written();
                suspected(
                    "sandbox-escape",
                    line,
                    format!("The function makes code at run time (`{written}`)."),
                )
            })
            .collect(),
    )
}

fn makes_code(path: &Path) -> bool {
    let first = path.names.first().map_or("", String::as_str);
    let climbs = path
        .names
        .windows(2)
        .any(|pair| pair[0] == "constructor" && matches!(pair[1].as_str(), "constructor" | "()"));
    match path.root {
        Root::Global => climbs || MAKERS.contains(&first),
        Root::Import => climbs || MODULES.contains(&first.trim_start_matches("node:")),
        Root::Nango | Root::Input | Root::Local => climbs,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_exec;

    #[test]
    fn making_code_is_seen() {
        for text in [
            "console.log.constructor('return process')();",
            "(() => 1).constructor('return 1')();",
            "[]['filter']['constructor']('return 1')();",
            "const C = 'constr' + 'uctor'; ''[C][C]('return 1')();",
            "new Function('return 1')();",
            "const F = Function; F('return 1')();",
            "(0, eval)('1');",
            "await import('fs');",
        ] {
            let text = format!("{text} await nango.get({{ retries: 3 }});");
            assert!(
                found_in_exec(&text).contains(&"sandbox-escape".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn the_name_of_a_class_is_innocent() {
        for text in [
            "const e = await nango.get({ retries: 3 }); await nango.log(e.constructor.name);",
            "class A { constructor(public a: string) {} } await nango.get(new A('x'));",
            "const f = (Function: string) => Function; await nango.get(f('x'));",
        ] {
            assert_eq!(found_in_exec(text), [""; 0], "{text}");
        }
    }
}
