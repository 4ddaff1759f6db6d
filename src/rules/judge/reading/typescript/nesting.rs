//! How deep a text nests, told before a parser that calls itself for every bracket sees it.

/// Whether no more than `most` brackets are open at once. Brackets in texts and comments count, too: they do no harm, and
/// no honest source comes near.
pub fn is_within(text: &str, most: usize) -> bool {
    let mut open = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > most {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn what_is_closed_does_not_count() {
        assert!(is_within(&"f({})".repeat(1_000), 10));
        assert!(is_within(&")".repeat(1_000), 10));
        assert!(!is_within(&"([".repeat(6), 10));
    }
}
