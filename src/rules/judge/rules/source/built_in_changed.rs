//! **Built-in changed**: the function changes what others share with it: an object of the language or of a package.
//!
//! Sees assignments to members of globals and imports (`Array.prototype.map = …`, `JSON.parse = …`), deletions of them, and the
//! calls that do the same (`Object.assign(JSON, …)`, `Object.defineProperty(Array.prototype, …)`). What runs in the same process
//! afterwards, a test, another function, Nango's own code, then runs on what this function left behind. What looks alike:
//! changes of the function's own objects, and calls of what is built in. Confidence: *suspected*.

use super::finding::{once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::typescript::facts::Source;

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let found = source.changed.iter().map(|changed| {
        let what = quote::line(&changed.path.written());
        let sentence =
            format!("The function changes {what}, which everything in its process shares with it.");
        suspected("built-in-changed", changed.line, sentence)
    });
    once(found.collect())
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_action;

    #[test]
    fn what_others_share_is_not_the_functions_to_change() {
        for text in [
            "Array.prototype.map = function () { return []; } as never;",
            "export const f = () => { JSON.parse = () => ({}); };",
            "const list = Array.prototype;\nlist['ma' + 'p'] = (() => []) as never;",
            "export const f = () => { delete (Array.prototype as { map?: unknown }).map; };",
            "Object.assign(JSON, { parse: () => ({}) });",
            "Object.defineProperty(Array.prototype, 'map', { value: () => [] });",
            "export const f = () => { Reflect.set(Promise, 'race', () => 1); };",
        ] {
            assert!(
                found_in_action(text).contains(&"built-in-changed".to_owned()),
                "{text}: {:?}",
                found_in_action(text)
            );
        }
    }

    #[test]
    fn its_own_objects_are() {
        for text in [
            "export const f = (all: Record<string, string>) => { all.map = 'x'; delete all.parse; };",
            "export const f = () => { const own: Record<string, unknown> = {}; Object.assign(own, JSON.parse('{}')); return own; };",
            "export const f = () => { const JSON = { parse: 1 }; JSON.parse = 2; return JSON; };",
            "export const f = () => Object.assign({}, { a: Array.prototype.slice.call([1]) });",
            "export const f = (a: number[]) => { a[0] = Math.max(1, 2); };",
        ] {
            assert_eq!(found_in_action(text), [""; 0], "{text}");
        }
    }
}
