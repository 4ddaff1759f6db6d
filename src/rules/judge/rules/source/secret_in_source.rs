//! **Secret in the source**: a text that by its shape is a key or a token.
//!
//! Sees private keys and tokens of known makers, also when they are put together of parts. A function gets its
//! credentials from the connection; one that holds some was given them, or took them. What looks alike: ids, hashes, and
//! placeholders of a description (`xoxb-...`). The finding never shows the secret. In 6,335 published functions: one.
//! Confidence: *suspected*, because an example may have the shape.

use super::finding::{once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::secrets::{self, Secret};
use crate::rules::judge::reading::typescript::facts::Source;

/// Signs of a secret that may be shown.
const SHOWN: usize = 4;

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let texts = source
        .texts
        .iter()
        .map(|text| (text.line, text.value.as_str()));
    let comments = source
        .comments
        .iter()
        .map(|comment| (comment.line, comment.text.as_str()));
    once(
        texts
            .chain(comments)
            .filter_map(|(line, text)| {
                let Secret { what, text } = secrets::find(text)?;
                let start: String = text.chars().take(SHOWN).collect();
                let length = text.chars().count();
                let sentence = format!(
                    "The source holds {what} by its shape ({start}…, {length} characters)."
                );
                Some(suspected("secret-in-source", line, sentence))
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, found_in_exec};

    #[test]
    fn secrets_are_seen_and_not_shown() {
        let secret = format!("xoxb-{}", "2f9a81c7d3e05b64");
        let parts = "const t = 'xo' + ['xb', '2f9a81c7d3e05b64'].join('-'); await nango.get({ retries: 3, headers: { a: t } });";
        for text in [
            format!(
                "await nango.get({{ retries: 3, headers: {{ a: 'Bearer {secret}abcdef' }} }});"
            ),
            parts.to_owned(),
            format!("// {secret}\nawait nango.get({{ retries: 3 }});"),
        ] {
            assert_eq!(found_in_exec(&text), ["secret-in-source"], "{text}");
            let mut sample = sample::action();
            sample.function(&text);
            let judged = format!("{:?}", judge(&sample.build()).findings);
            assert!(!judged.contains("2f9a81c7d3e05b64"), "{judged}");
        }
    }

    #[test]
    fn ids_and_placeholders_are_innocent() {
        let text = "await nango.get({ retries: 3, a: 'xoxb-your-token-goes-here', b: '5d41402abc4b2a76b9719d911017c592', c: 'Bearer ${token}' });";
        assert_eq!(found_in_exec(text), [""; 0]);
    }
}
