//! **Incomplete function**: `exec` does nothing but throw, gives back what stands in the source, or says of a part that it is not
//! implemented.
//!
//! What looks alike: an action that counts or joins what it was given and needs nobody for it, and *todo* as a word of an API. In
//! 6,335 published functions: 3. Confidence: *inferred* from the whole body.

use super::finding::at;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::rules::judge::reading::typescript::facts::{Body, Purpose, Source};

/// What a text says of work that is not done.
const UNDONE: &[&str] = &["not implemented", "not yet implemented", "unimplemented"];

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let whole = source.exec.and_then(|(line, body)| match body {
        Body::Empty => Some((line, "The function does nothing.")),
        Body::OnlyThrows => Some((line, "The function does nothing but throw an error.")),
        Body::OnlyReturns => Some((
            line,
            "The function calls nothing and returns what stands in its source.",
        )),
        Body::Works => None,
    });
    let part = || {
        let mut texts = source.texts.iter();
        let undone = texts.find(|text| {
            let value = text.value.to_lowercase();
            text.purpose == Purpose::Value && UNDONE.iter().any(|words| value.contains(words))
        })?;
        Some((
            undone.line,
            "A part of the function says that it is not implemented.",
        ))
    };
    let found = whole.or_else(part);
    let finding = found.map(|(line, sentence)| {
        at(
            "incomplete-function",
            Severity::Warn,
            Confidence::Inferred,
            line,
            sentence,
        )
    });
    finding.into_iter().collect()
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
            "if (input.more) { throw new nango.ActionError({ message: 'Not implemented yet' }); } return (await nango.get({ retries: 3 })).data;",
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
