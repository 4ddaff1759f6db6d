//! Texts made short enough to be shown.

/// At most `max` characters on a character's boundary, with `…` when something is missing.
pub fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// The words of a text in one line of at most `max` characters.
pub fn one_line(text: &str, max: usize) -> String {
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty());
    shorten(&words.collect::<Vec<_>>().join(" "), max)
}

/// The end of a text, where programs say what went wrong: at most `max` characters, with `…` when something is missing.
pub fn tail(text: &str, max: usize) -> String {
    let chars = text.chars().count();
    if chars <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().skip((chars + 1).saturating_sub(max)).collect();
    format!("…{kept}")
}

/// The beginning and the end of a long text, about `limit` bytes of it: results and errors stand at the end. What is
/// missing is counted in between.
pub fn ends(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(limit * 3 / 4);
    let tail = text.ceil_char_boundary(text.len() - limit / 4);
    format!(
        "{}\n[{} bytes left out]\n{}",
        &text[..head],
        tail - head,
        &text[tail..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_says_so_and_fits() {
        assert_eq!(shorten("äöü", 3), "äöü");
        assert_eq!(shorten("äöüß", 3), "äö…");
        assert_eq!(shorten("x", 0), "…");
        assert_eq!(one_line(" a\n\tb\u{7}c ", 10), "a b c");
        assert_eq!(one_line("one two three", 7), "one tw…");
        assert_eq!(tail("äöüß", 3), "…üß");
        assert_eq!(tail("äöü", 3), "äöü");
        assert_eq!(tail("x y", 0), "…");
        assert_eq!(ends("abcdefgh", 8), "abcdefgh");
        assert_eq!(ends("äbcdefghij", 8), "äbcde\n[3 bytes left out]\nij");
    }
}
