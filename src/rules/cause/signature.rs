//! What two outputs of programs have in common when they show the same error.
//!
//! Lines that say what is wrong, without places, numbers, colours and what every failure says. Honest look-alike: two
//! different faults that a program words the same are taken for one, so a signature narrows down and never accuses.

use std::collections::BTreeSet;

/// Words of a line that says what is wrong (TypeScript 5, vitest 2.1.9, Nango CLI 0.71.10).
const SAYS_WHAT: &[&str] = &[
    "error",
    "not assignable",
    "does not exist",
    "cannot find",
    "is missing",
    "not allowed",
    "not a function",
    "invalid_",
    "no mock",
    "no entry point",
    "unable to",
    "expected",
    "\"message\":",
];

/// What every failure says, whatever it is.
const SAYS_NOTHING: &[&str] = &[
    "an error occurred during execution",
    "should output the",
    "found # error",
    "errors",
    "script_internal_error",
    "request failed with status code",
];

/// Lines of one output that are looked at.
const LINES: usize = 400;

/// The error lines of an output, each in one form.
pub(super) fn signatures(output: &str) -> BTreeSet<String> {
    let lines = output.lines().take(LINES).map(plain);
    lines
        .filter(|line| {
            let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
            says(SAYS_WHAT) && !says(SAYS_NOTHING) && !line.starts_with("at ")
        })
        .collect()
}

/// Lower case, without a place in front, every number a `#`.
fn plain(line: &str) -> String {
    let line = line.trim().to_lowercase();
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A colour: up to its letter.
            for c in chars.by_ref() {
                if c.is_ascii_alphabetic() {
                    break;
                }
            }
        } else if !c.is_ascii_digit() {
            plain.push(c);
        } else if !plain.ends_with('#') {
            plain.push('#');
        }
    }
    match plain.strip_prefix("err - ") {
        Some(place) => place
            .split_once(' ')
            .map_or("", |(_, said)| said)
            .trim()
            .to_owned(),
        None => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_error_at_another_line_is_the_same() {
        let theirs = "\u{1b}[31merr\u{1b}[0m - a.ts:3:1 \n  Property 'x' does not exist on type 'Y'.\n\nFound 1 error";
        let ours = "err - google/actions/a.ts:70:31\n  Property 'x' does not exist on type 'Y'.";
        assert_eq!(signatures(theirs), signatures(ours));
        assert_eq!(signatures(ours).len(), 1);
        let other = "err - a.ts:3:1\n  Property 'z' does not exist on type 'Y'.";
        assert!(signatures(other).is_disjoint(&signatures(ours)));
    }

    #[test]
    fn what_every_failure_says_is_no_signature() {
        let said = "An error occurred during execution\n\"type\": \"script_internal_error\"\nat run (x.ts:1:2)\nFound 1 error";
        assert!(signatures(said).is_empty(), "{:?}", signatures(said));
    }
}
