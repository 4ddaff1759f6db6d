//! What a request is about: its address without ids, and the ids in it.

use percent_encoding::percent_decode_str;

use crate::domain::tape::Exchange;

/// The method and the address with `{id}` for every part that names one thing: `DELETE /proxy/v1/events/{id}`.
pub fn kind_of_place(exchange: &Exchange) -> String {
    let parts: Vec<&str> = exchange.path.split('/').collect();
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| if is_id(part) { "{id}" } else { *part })
        .collect();
    format!("{} {}", exchange.method, parts.join("/"))
}

/// The last part of the address that names one thing.
pub fn last_id(exchange: &Exchange) -> Option<String> {
    let part = exchange.path.rsplit('/').find(|part| !part.is_empty())?;
    is_id(part).then(|| percent_decode_str(part).decode_utf8_lossy().into_owned())
}

/// Whether a part of an address, or a value, is a name that a program gave: it has two digits among at least six characters, or
/// is a number, or an address of mail. A version (`v3`) and a plain word are none.
pub fn is_id(part: &str) -> bool {
    let digits = part.chars().filter(char::is_ascii_digit).count();
    let long = part.chars().count() >= 6;
    let is_number = digits > 0 && digits == part.len();
    let is_date = part.len() == 10 && part.chars().nth(4) == Some('-');
    is_number || (long && digits > 1 && !is_date && !part.contains(' ')) || part.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_words() {
        for id in [
            "evt123",
            "7f3a9c",
            "42",
            "C02ABC999",
            "me@example.com",
            "1AbC_d-9xyz",
        ] {
            assert!(is_id(id), "{id}");
        }
        for word in [
            "events",
            "v3",
            "calendar",
            "primary",
            "2026-01-01",
            "oauth2",
            "",
            "two words 12",
        ] {
            assert!(!is_id(word), "{word}");
        }
    }
}
