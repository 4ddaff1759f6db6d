//! Texts that by their shape are a key or a token.

use std::sync::LazyLock;

use regex::Regex;

static SHAPES: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
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

/// What by its shape is a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Secret<'a> {
    /// For a person: `a Slack token`.
    pub what: &'static str,
    /// It. Never to be shown.
    pub text: &'a str,
}

/// The first text of a known maker's shape that has the signs of chance.
pub fn find(text: &str) -> Option<Secret<'_>> {
    SHAPES.iter().find_map(|(what, shape)| {
        let mut found = shape.find_iter(text).map(|found| found.as_str());
        let text = found.find(|text| is_random(text))?;
        Some(Secret { what, text })
    })
}

/// Whether a text has the signs of chance: `xoxb-your-token-here` has none.
fn is_random(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let different: std::collections::BTreeSet<char> = text.chars().collect();
    digits >= 2 && different.len() >= 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_one() {
        assert_eq!(SHAPES.len(), 12);
    }

    #[test]
    fn placeholders_are_innocent() {
        assert_eq!(find("xoxb-your-token-goes-here"), None);
        let token = format!("xoxb-your-token-goes-here xoxb-{}", "2f9a81c7d3e05b64");
        assert_eq!(find(&token).map(|found| found.what), Some("a Slack token"));
    }
}
