//! **Secret in the source**: a text that by its shape is a key or a token.
//!
//! Sees private keys and tokens of known makers, also when they are put together of parts. A function gets its
//! credentials from the connection; one that holds some was given them, or took them. What looks alike: ids, hashes, and
//! placeholders of a description (`xoxb-...`). The finding never shows the secret. In 6,335 published functions: one.
//! Confidence: *suspected*, because an example may have the shape.

use std::sync::LazyLock;

use regex::Regex;

use super::finding::{once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::typescript::facts::Source;

static SHAPES: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        (
            "a private key",
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{16}",
        ),
        ("a key", r"\bsk-[A-Za-z0-9_-]{20,}"),
        ("a key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
        ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{12,}"),
        (
            "a GitHub token",
            r"\b(?:gh[opsur]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40})",
        ),
        ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20}"),
        ("a Google key", r"\bAIza[A-Za-z0-9_-]{35}"),
        ("a Google token", r"\bya29\.[A-Za-z0-9_-]{20,}"),
        ("an Amazon key", r"\bAKIA[A-Z0-9]{16}\b"),
        (
            "a HubSpot token",
            r"\bpat-(?:na|eu)[0-9]-[0-9a-f]{8}-[0-9a-f-]{27}",
        ),
        (
            "a signed token",
            r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        ),
        (
            "credentials",
            r"\b(?:Bearer|Basic) [A-Za-z0-9._~+/-]{20,}={0,2}",
        ),
    ]
    .into_iter()
    .filter_map(|(what, shape)| Some((what, Regex::new(shape).ok()?)))
    .collect()
});

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
                let (what, found) = SHAPES
                    .iter()
                    .find_map(|(what, shape)| Some((what, shape.find(text)?)))?;
                let start: String = found.as_str().chars().take(SHOWN).collect();
                let length = found.as_str().chars().count();
                let sentence = format!(
                    "The source holds {what} by its shape ({start}…, {length} characters)."
                );
                is_random(found.as_str()).then(|| suspected("secret-in-source", line, sentence))
            })
            .collect(),
    )
}

/// Whether a text has the signs of chance: `xoxb-your-token-here` has none.
fn is_random(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let different: std::collections::BTreeSet<char> = text.chars().collect();
    digits >= 2 && different.len() >= 10
}

#[cfg(test)]
mod tests {
    use super::SHAPES;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, found_in_exec};

    #[test]
    fn every_shape_is_one() {
        assert_eq!(SHAPES.len(), 12);
    }

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
