//! **Module state**: the function keeps something in a variable of its module from one run to the next.
//!
//! Sees variables outside of all functions that a function assigns, counts up or adds to. Nango may run a function many times
//! in one process, or in a new one each time: what it does must not hang on that, and a function that counts its runs may do
//! its work for the first fifty only, which no trial shows. What looks alike: a cache, which Nango does not keep either, and
//! variables that are filled while the module loads. In 6,335 published functions: none. Confidence: *suspected*.

use super::finding::{once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::typescript::facts::Source;

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let found = source.kept.iter().map(|kept| {
        let name = quote::line(&kept.text);
        let sentence = format!(
            "The function changes {name}, which its module keeps from one run to the next."
        );
        suspected("module-state", kept.line, sentence)
    });
    once(found.collect())
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_action;

    #[test]
    fn what_outlives_a_run_is_seen() {
        for text in [
            "let runs = 0;\nexport const f = () => { runs += 1; return runs; };",
            "let runs = 0;\nexport function f() { return runs++; }",
            "const seen = { runs: 0 };\nexport const f = () => { seen.runs = 1; };",
            "const all: string[] = [];\nexport const f = () => { all.push('x'); };",
        ] {
            assert_eq!(found_in_action(text), ["module-state"], "{text}");
        }
    }

    #[test]
    fn what_ends_with_the_run_is_innocent() {
        for text in [
            "export const f = () => { let runs = 0; runs += 1; return runs; };",
            "const names = new Map([['a', 1]]);\nexport const f = () => names.get('a');",
            "const all: string[] = [];\nall.push('x');\nexport const f = () => all.length;",
        ] {
            assert_eq!(found_in_action(text), [""; 0], "{text}");
        }
    }
}
