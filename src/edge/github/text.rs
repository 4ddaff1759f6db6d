//! Texts in the form in which GitHub takes them.

/// The beginning of a text, with a sign that there was more.
pub(super) fn clip(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let mut clipped: String = text.chars().take(chars.saturating_sub(1)).collect();
    clipped.push('…');
    clipped
}

/// One segment of a path or one value of a query, whatever is in it.
pub(super) fn segment(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            // A dot too: a segment of dots alone is a way up.
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_stays_one() {
        assert_eq!(segment("countersign[bot]"), "countersign%5Bbot%5D");
        assert_eq!(segment("../a?b#c d"), "%2E%2E%2Fa%3Fb%23c%20d");
        assert_eq!(segment("ä"), "%C3%A4");
    }

    #[test]
    fn a_clipped_text_says_so() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äö…");
    }
}
