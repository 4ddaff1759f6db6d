//! Numbers with their nouns.

/// `1 test`, `3 tests`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", plural(number, "", "s"))
}

/// One of two words, by number.
pub fn plural<'a>(number: usize, one: &'a str, many: &'a str) -> &'a str {
    if number == 1 { one } else { many }
}
