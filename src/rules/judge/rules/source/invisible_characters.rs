//! **Invisible characters**: what a person reads is not what the machine reads.
//!
//! Sees signs that turn the direction of a text, wherever they stand; signs without width, tags and fillers in code, in names
//! and in texts that name a property; and names that mix letters which look alike (a Cyrillic `а` among Latin ones). What
//! looks alike: joiners, variants and tags within an emoji, accents, and whole texts of another language. In 6,335 published
//! functions: none. Confidence: *proven* (bytes). It blocks, because such a function cannot be reviewed; a space without width in a
//! text or a comment, which no language and no emoji needs, warns (*suspected*; in 6,335 published functions: none).

use super::finding::{at, once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::rules::judge::reading::typescript::facts::{Purpose, Source};

pub(super) fn find(_: &Dossier, source: &Source) -> Vec<Finding> {
    let hidden = source
        .hidden
        .iter()
        .filter(|hidden| hidden.is_code || turns(hidden.character));
    let hidden = hidden.map(|hidden| {
        let code = u32::from(hidden.character);
        (
            hidden.line,
            format!("A character that nobody sees (U+{code:04X}) stands in the source."),
        )
    });
    let names = source
        .names
        .iter()
        .chain(&source.members)
        .map(|name| (name.line, name.text.as_str()));
    let keys = source
        .texts
        .iter()
        .filter(|text| text.purpose == Purpose::Key);
    let keys = keys.map(|text| (text.line, text.value.as_str()));
    let mixed = names
        .chain(keys)
        .filter(|(_, name)| is_disguised(name))
        .map(|(line, name)| {
            let foreign: Vec<String> = name
                .chars()
                .filter(|letter| looks_latin(*letter))
                .map(|letter| format!("U+{:04X}", u32::from(letter)))
                .collect();
            (
                line,
                format!(
                    "A name has letters that only look Latin ({}).",
                    foreign.join(", ")
                ),
            )
        });
    let in_values = source.hidden.iter().filter(|hidden| {
        !hidden.is_code && !turns(hidden.character) && is_without_use(hidden.character)
    });
    let in_values = in_values.map(|hidden| {
        let code = u32::from(hidden.character);
        let sentence = format!("A text holds a character that nobody sees (U+{code:04X}).");
        suspected("invisible-characters", hidden.line, sentence)
    });
    let found = hidden.chain(mixed).map(|(line, sentence)| {
        at(
            "invisible-characters",
            Severity::Block,
            Confidence::Proven,
            line,
            sentence,
        )
    });
    once(found.chain(in_values).collect())
}

/// Whether no language and no emoji needs a character.
fn is_without_use(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}' | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}'
    )
}

/// Whether a character turns the direction of what stands behind it.
fn turns(character: char) -> bool {
    matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Letters of other scripts that are drawn like Latin ones: Greek, Cyrillic, full width.
fn looks_latin(letter: char) -> bool {
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧορνυіјѕѐԁԛԝһӏАВЕКМНОРСТУХаеорсухѵқ".contains(letter)
        || matches!(letter, '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}')
}

/// Whether a name could be taken for another: Latin letters with look-alikes among them, or nothing but look-alikes.
fn is_disguised(name: &str) -> bool {
    let has_alike = name.chars().any(looks_latin);
    let letters = || name.chars().filter(|letter| letter.is_alphabetic());
    has_alike && (letters().any(|letter| letter.is_ascii()) || letters().all(looks_latin))
}

#[cfg(test)]
mod tests {
    use crate::domain::finding::Severity;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, found_in_action, found_in_exec};

    #[test]
    fn what_nobody_sees_blocks() {
        for text in [
            "export const a = 'x'; // \u{202E} txet",
            "export const a = 'user\u{2066}';",
            "export const a\u{200C}b = 1;",
            "export const t = { 'a\u{200B}': 1 };",
            "export const p\u{430}th = 1;",
            "export const \u{441}\u{43E}\u{440}\u{435} = 1;",
        ] {
            let mut sample = sample::action();
            sample.function(text);
            let judgement = judge(&sample.build());
            assert_eq!(judgement.verdict, Verdict::Refused, "{text}");
            assert_eq!(found_in_action(text), ["invisible-characters"], "{text}");
        }
    }

    #[test]
    fn what_nobody_sees_in_a_text_needs_a_look() {
        let mut sample = sample::action();
        sample.function("export const a = 'name\u{200B}';");
        let judgement = judge(&sample.build());
        let severity = judgement.findings.first().map(|found| found.severity);
        assert_eq!(severity, Some(Severity::Warn), "{judgement:#?}");
    }

    #[test]
    fn emoji_accents_and_other_languages_are_innocent() {
        for text in [
            "// 👩\u{200D}💻 é\nawait nango.get({ retries: 3, endpoint: '/x', data: '👩\u{200D}💻🏴\u{E0067}\u{E007F} привет ❤\u{FE0F}' });",
            "const größe = await nango.get({ retries: 3 }); return größe;",
            "const имя = await nango.get({ retries: 3 }); return имя;",
        ] {
            assert_eq!(found_in_exec(text), [""; 0], "{text}");
        }
    }
}
