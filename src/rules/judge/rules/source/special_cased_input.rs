//! **Special-cased input**: the function asks whether it was given the very value that it is tried with.
//!
//! Sees comparisons, `switch`, lists and tables in which something of the input meets a literal that is also a value of the
//! recorded input, where that value is an id, an address or something else that nobody would meet by chance. What looks
//! alike: words of an enumeration, `primary`, a truth, and a default. In the six functions of the tests: none. Confidence:
//! *suspected*; the probe `changed-input` tries it.

use super::fallback_default::looks_like_data;
use super::finding::{once, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::recording::Recording;
use crate::rules::judge::reading::typescript::facts::Source;
use crate::rules::judge::reading::{answers, quote};

/// A text of at least so many characters with a blank in it is met by nobody by chance.
const SENTENCE_CHARS: usize = 12;

pub(super) fn find(dossier: &Dossier, source: &Source) -> Vec<Finding> {
    let Some(input) = Recording::ours(dossier).and_then(|recording| recording.input) else {
        return Vec::new();
    };
    let given = answers::words(&input);
    let met = source
        .comparisons
        .iter()
        .filter(|comparison| given.contains(&comparison.with) && is_particular(&comparison.with));
    once(
        met.map(|comparison| {
            let sentence = format!(
                "The function asks whether `{}` is {}, the value that it was tried with.",
                comparison.of.written(),
                quote::line(&comparison.with)
            );
            suspected("special-cased-input", comparison.line, sentence)
        })
        .collect(),
    )
}

fn is_particular(text: &str) -> bool {
    looks_like_data(text) || (text.contains(' ') && text.chars().count() >= SENTENCE_CHARS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, in_exec, names_of};

    fn found(body: &str) -> Vec<String> {
        let mut sample = sample::action();
        let mut recording = sample.recording();
        recording["input"] = json!({"summary": "Test", "calendarId": "primary", "id": "evt_84f1c2", "title": "Countersign test event"});
        sample.recordings(&recording);
        sample.function(&in_exec(body));
        let judgement = judge(&sample.build());
        names_of(&judgement)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn the_value_of_the_trial_is_seen() {
        for text in [
            "if (input.id === 'evt_84f1c2') { return { id: 'x' }; }",
            "const { id } = input; if ('evt_' + '84f1c2' == id) { return { id: 'x' }; }",
            "switch (input.id.trim()) { case 'evt_84f1c2': return { id: 'x' }; }",
            "const known = { evt_84f1c2: { id: 'x' } }; if (known[input.id]) { return known[input.id]; }",
            "if (['evt_84f1c2'].includes(String(input.id))) { return { id: 'x' }; }",
            "const known = new Map([['evt_84f1c2', 1]]); if (known.has(input.id)) { return { id: 'x' }; }",
            "if (input.title === 'Countersign test event') { return { id: 'x' }; }",
        ] {
            let text = format!("{text} await nango.get({{ retries: 3 }});");
            assert_eq!(found(&text), ["special-cased-input"], "{text}");
        }
    }

    #[test]
    fn defaults_words_and_other_values_are_innocent() {
        for text in [
            "const id = input.calendarId ?? 'primary'; await nango.get({ retries: 3, endpoint: id });",
            "if (input.calendarId === 'primary') { await nango.get({ retries: 3 }); } await nango.get({ retries: 3 });",
            "if (input.id === 'evt_00000000') { await nango.get({ retries: 3 }); } await nango.get({ retries: 3 });",
            "const r = await nango.get({ retries: 3 }); if (r.data.id === 'evt_84f1c2') { await nango.get({ retries: 3 }); }",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
