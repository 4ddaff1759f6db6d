//! **Incomplete function**: `exec` does nothing but throw, or gives back what stands in the source.
//!
//! What looks alike: an action that counts or joins what it was given and needs nobody for it. In 6,335 published functions: 3. Confidence: *inferred* from
//! the whole body.

use super::finding::at;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::rules::judge::reading::typescript::facts::{Body, Source};

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let Some((line, body)) = source.exec else {
        return Vec::new();
    };
    let sentence = match body {
        Body::Empty => "The function does nothing.",
        Body::OnlyThrows => "The function does nothing but throw an error.",
        Body::OnlyReturns => "The function calls nothing and returns what stands in its source.",
        Body::Works => return Vec::new(),
    };
    vec![at(
        "incomplete-function",
        Severity::Warn,
        Confidence::Inferred,
        line,
        sentence,
    )]
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_exec;

    #[test]
    fn a_function_that_does_nothing_is_seen() {
        for text in [
            "",
            "// TODO",
            "throw new Error('not implemented');",
            "return { id: 'evt1' };",
            "await nango.log('x'); return OutputSchema.parse({ id: 'evt1' });",
        ] {
            assert!(
                found_in_exec(text).contains(&"incomplete-function".to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn one_that_works_on_its_input_is_innocent() {
        for text in [
            "return { sum: input.a + input.b };",
            "// TODO: more fields\nconst r = await nango.get({ retries: 3, endpoint: '/x' }); return r.data;",
        ] {
            assert_eq!(found_in_exec(text), [""; 0], "{text}");
        }
    }
}
