//! **Type escape**: the compiler was told to be silent.
//!
//! Sees `@ts-nocheck` where the compiler obeys it (`type-check-off`: then the compiler, whose word the clean room takes, says
//! nothing at all), and the same words elsewhere, `@ts-ignore`, `@ts-expect-error`, `as any`, `as unknown as T` and switched-off
//! lint rules (`type-escape`). What looks alike: `unknown` that a schema reads, `as const`, and `(item: any) =>`, which 42 of 212 published functions have.
//! In 6,335 published functions four pass over an error, and 58 switch a lint rule off, which is a note. Confidence: *proven*
//! for `@ts-nocheck`, for the comment stands there; else *suspected*.

use super::finding::{at, noted, once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::rules::judge::reading::typescript::facts::{CastKind, Source};

/// What a comment begins with that is to silence the compiler.
const NEXT_LINE: &[&str] = &["@ts-ignore", "@ts-expect-error", "@ts-nocheck"];

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    let lines = source
        .comments
        .iter()
        .flat_map(|comment| (comment.line..).zip(comment.text.lines()));
    for (line, text) in lines {
        let text = text.trim_start_matches(['*', '/', ' ', '\t']);
        if source.unchecked == Some(line) {
            found.push(at(
                "type-check-off",
                Severity::Block,
                Confidence::Proven,
                line,
                "The compiler is told to check nothing (`@ts-nocheck`), so that it compiles says nothing.",
            ));
        } else if let Some(name) = NEXT_LINE.iter().find(|name| text.starts_with(**name)) {
            found.push(suspected(
                "type-escape",
                line,
                format!("The compiler is told to pass over an error (`{name}`)."),
            ));
        } else if text.starts_with("eslint-disable") {
            found.push(noted(
                "type-escape",
                line,
                "A lint rule is switched off (`eslint-disable`).",
            ));
        }
    }
    found.extend(source.casts.iter().map(|cast| {
        let written = match cast.kind {
            CastKind::Any => "as any",
            CastKind::ThroughUnknown => "as unknown as",
        };
        suspected(
            "type-escape",
            cast.line,
            format!("A value is given a type that it need not have (`{written}`)."),
        )
    }));
    once(found)
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_action;

    #[test]
    fn what_silences_the_compiler_is_seen() {
        for (name, text) in [
            ("type-check-off", "// @ts-nocheck\nexport {};"),
            (
                "type-check-off",
                "// Generated.\n/// @ts-nocheck: later\nexport {};",
            ),
            // The compiler does not obey these.
            ("type-escape", "/* @ts-nocheck */\nexport const a = 1;"),
            ("type-escape", "export const a = 1;\n// @ts-nocheck\n"),
            ("type-escape", "// @ts-ignore\nexport const a = 1;"),
            (
                "type-escape",
                "/**\n * @ts-expect-error it is fine */\nexport const a = 1;",
            ),
            ("type-escape", "export const a = (b as any).c;"),
            ("type-escape", "export const a = b as unknown as string;"),
            ("type-escape", "/* eslint-disable */\nexport const a = 1;"),
        ] {
            assert_eq!(found_in_action(text), [name], "{text}");
        }
    }

    #[test]
    fn words_about_it_and_honest_casts_are_not() {
        for text in [
            "// We do not need @ts-ignore here.\nexport const a = [1] as const;",
            "export const a = b as unknown; const t = 'as any';",
            "export const f = (item: any): string => String(item);",
        ] {
            assert_eq!(found_in_action(text), [""; 0], "{text}");
        }
    }
}
