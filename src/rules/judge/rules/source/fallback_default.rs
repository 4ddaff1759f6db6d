//! **Fallback**: a value that looks like data stands in for one that is absent.
//!
//! Sees `x ?? 'evt_123'`, `x || 'a@b.c'` and `c ? x : 'https://…'` on the way into an output, where the literal is an id, an
//! address or a long number. Whoever reads the output takes it for the API's. What looks alike: `''`, `[]`, `false`, words
//! like `primary` or `unknown`, and what goes into a request or a message. A small number (`?? 0`) is a note. In 6,335
//! published functions: 5, one of which names another account's advertiser. Confidence: *suspected*.

use super::finding::{noted, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::typescript::facts::{Goes, Literal, Source};

/// From here on a number is no count, no page size and no status.
const LONG: f64 = 100_000.0;

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let into_output = source
        .fallbacks
        .iter()
        .filter(|fallback| fallback.goes != Goes::Request && fallback.goes != Goes::Message);
    into_output
        .filter(|fallback| match &fallback.literal {
            // A host alone is where a request goes.
            Literal::Text(text) if text.contains("://") => {
                fallback.goes == Goes::Out && looks_like_data(text)
            }
            Literal::Text(text) => looks_like_data(text),
            Literal::Number(_) => fallback.goes == Goes::Out,
        })
        .map(|fallback| {
            let literal = match &fallback.literal {
                Literal::Text(text) => quote::line(text),
                Literal::Number(number) => number.to_string(),
            };
            let of = fallback.of.as_ref().map_or_else(
                || "a value".to_owned(),
                |path| format!("`{}`", path.written()),
            );
            let sentence =
                format!("Where {of} is absent, `{literal}` is given, which looks like the API's.");
            match &fallback.literal {
                Literal::Number(number) if number.abs() < LONG => {
                    noted("fallback-default", fallback.line, sentence)
                }
                _ => suspected("fallback-default", fallback.line, sentence),
            }
        })
        .collect()
}

/// Whether a text looks like an id or an address.
pub(super) fn looks_like_data(text: &str) -> bool {
    let is_one_word = !text.contains(char::is_whitespace);
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text
        .chars()
        .filter(|letter| letter.is_ascii_alphabetic())
        .count();
    let is_id = digits >= 3 && letters >= 1 && text.len() >= 6 && !text.contains(['/', ':', '!'])
        || digits >= 6 && letters == 0 && digits == text.len();
    let is_address = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let is_url = text
        .split_once("://")
        .is_some_and(|(scheme, rest)| scheme.starts_with("http") && rest.len() > 3);
    let is_time =
        text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::Date>().is_ok();
    is_one_word && !is_time && (is_id || is_address || is_url)
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::sample::found_in_exec;

    #[test]
    fn data_in_place_of_nothing_is_seen() {
        for value in [
            "r.data.id ?? 'evt_12345'",
            "r.data.id || 'evt' + '_12345'",
            "r.data.email ?? 'person@example.com'",
            "r.data.url ? r.data.url : 'https://calendar.example/e/1'",
            "r.data.size ?? 1234567",
        ] {
            let text =
                format!("const r = await nango.get({{ retries: 3 }}); return {{ id: {value} }};");
            assert_eq!(found_in_exec(&text), ["fallback-default"], "{value}");
        }
    }

    #[test]
    fn words_and_what_is_no_output_are_innocent() {
        for text in [
            "const r = await nango.get({ retries: 3, endpoint: `/c/${input.calendarId ?? 'primary'}`, params: { max: input.max ?? 250, since: input.since ?? '2020-01-01T00:00:00Z' } }); return r.data;",
            "const r = await nango.get({ retries: 3 }); return { id: r.data.id ?? null, name: r.data.name ?? 'unknown', list: r.data.list ?? [], at: r.data.at ?? '1970-01-01' };",
            "const r = await nango.get({ retries: 3 }); if (!r.data) { throw new nango.ActionError({ message: r.data.error ?? 'error_404_x' }); } return r.data;",
        ] {
            assert_eq!(found_in_exec(text), [""; 0], "{text}");
        }
    }
}
