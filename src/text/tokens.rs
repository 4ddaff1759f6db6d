//! How many tokens a text is, about. Every model counts in its own way, and no two agree; what costs money is counted by the
//! provider and is in [`crate::domain::transcript::Usage`].

/// Bytes of English or of code that make a token. The test holds it against the counts of two tokenizers.
const BYTES_PER_TOKEN: usize = 4;

/// An estimate, within a fifth for English and code; texts in other scripts are more than it says.
pub fn estimate(text: &str) -> usize {
    text.len().div_ceil(BYTES_PER_TOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text with the tokens that `gpt-tokenizer` 4 counts (o200k) and those that `@anthropic-ai/tokenizer` 0.0.4 does, in
    /// November 2026.
    const COUNTED: [(&str, usize, usize); 5] = [
        (
            include_str!("../../skills/building-nango-functions/SKILL.md"),
            2592,
            2826,
        ),
        (
            include_str!("../../skills/dry-running-nango-functions/SKILL.md"),
            918,
            986,
        ),
        (
            include_str!("../../skills/testing-and-reporting/SKILL.md"),
            798,
            842,
        ),
        (
            include_str!("../../tests/headline/functions/append-rows.ts"),
            387,
            450,
        ),
        (
            include_str!("../../tests/headline/functions/files.ts"),
            374,
            425,
        ),
    ];

    #[test]
    fn the_estimate_is_near_what_tokenizers_count() {
        for (text, one, other) in COUNTED {
            for counted in [one, other] {
                let off = estimate(text).abs_diff(counted) * 5;
                let begin = text.lines().take(2).collect::<Vec<_>>();
                assert!(
                    off <= counted,
                    "{begin:?}: {} is far from {counted}; count it again when the text has changed",
                    estimate(text)
                );
            }
        }
    }

    #[test]
    fn a_beginning_of_a_token_is_one() {
        assert_eq!((estimate(""), estimate("a"), estimate("abcde")), (0, 1, 2));
    }
}
