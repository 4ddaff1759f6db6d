//! Paths without tricks.

use super::refusal::Refusal;

/// What to do instead of a trick.
pub const PLAIN_PATH: &str =
    "Use the plain path of the endpoint, relative to the provider's base URL.";

/// The path with its escapes resolved, when that is not another path.
pub fn plain(path: &str) -> Result<String, Refusal> {
    let malformed = |what: &str| Refusal::malformed(format!("the path has {what}"), PLAIN_PATH);
    let decoded = decode(path).ok_or_else(|| malformed("an escape that is no text"))?;
    // What is escaped twice is data of the provider, unless it would be a trick when somebody resolves it again.
    let twice = decode(&decoded).unwrap_or_else(|| decoded.clone());
    for text in [path, &decoded, &twice] {
        if text
            .split(['/', '\\'])
            .any(|part| matches!(part, "." | ".."))
        {
            return Err(malformed("dots for a segment"));
        }
        if text.contains('\\') || text.chars().any(char::is_control) {
            return Err(malformed("a backslash or a control character"));
        }
    }
    if path.contains("//") {
        return Err(malformed("an empty segment"));
    }
    Ok(decoded)
}

/// The text with its escapes resolved once, if that is text. Stricter than crates that do this: what is no escape, or no
/// text, is refused and not passed on.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16);
                let value = digit(high)? * 16 + digit(low)?;
                bytes.push(u8::try_from(value).ok()?);
                rest = after;
            }
            (b'%', _) => return None,
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}
