//! **Plain error**: an action throws an `Error` where the SDK has one that its caller can read.
//!
//! What looks alike: an error that was caught and is thrown on. In 6,335 published functions: 46. A note. Confidence: *suspected*.

use super::finding::noted;
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::domain::spec::Kind;
use crate::rules::judge::reading::typescript::facts::{Root, Source};

pub(super) fn find(dossier: &Dossier, source: &Source) -> Vec<Finding> {
    if dossier.seal.spec.kind != Kind::Action {
        return Vec::new();
    }
    let is_plain = |made: &crate::rules::judge::reading::typescript::facts::Path| {
        made.root == Root::Global && made.names.as_slice() == ["Error"]
    };
    let mut plain = source
        .throws
        .iter()
        .filter(|throw| throw.made.as_ref().is_some_and(is_plain));
    let first = plain.next();
    first
        .map(|throw| {
            noted(
                "plain-error",
                throw.line,
                "The action throws an `Error`; with the SDK's `ActionError` its caller learns the reason.",
            )
        })
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_exec;

    #[test]
    fn only_an_error_of_the_language_is_noted() {
        let text = "const r = await nango.get({ retries: 3 }); if (!r) { throw new Error('x'); }";
        assert_eq!(found_in_exec(text), ["plain-error"]);
        for text in [
            "const r = await nango.get({ retries: 3 }); if (!r) { throw new nango.ActionError({ message: 'x' }); }",
            "try { await nango.get({ retries: 3 }); } catch (error) { throw error; }",
        ] {
            assert_eq!(found_in_exec(text), [""; 0], "{text}");
        }
    }
}
