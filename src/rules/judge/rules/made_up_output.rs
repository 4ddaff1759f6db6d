//! **Made-up output**: an id, an address or a long number of the output that neither the API nor the input gave.
//!
//! Sees values of our recording's output with digits, an address or much text in them, which stand in no answer on the tape
//! and not in the input, and in which no such value is a part. It warns, because a value may be computed; an output of which
//! nothing at all was given refuses. What looks alike and is left out: short words and numbers (`appended`, 250), moments of time (another form of one that was given), and texts made
//! around a given value (*Deal 4935 deleted*). Where an answer is too long to be read whole nothing is said. In 170
//! published recordings with such values: none. Confidence: *suspected*; *proven* where it refuses (every value was looked for).

use serde_json::Value;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::rules::judge::reading::recording::Recording;
use crate::rules::judge::reading::{answers, quote};

/// The shortest given value that makes a text around it no invention.
const PART_CHARS: usize = 3;
/// So many values, none of which was given, are no longer a value that was computed.
const ALL_OF: usize = 2;
/// Values named in one finding.
const NAMED: usize = 5;

/// Looks for values that nobody gave.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let Some(recording) = Recording::ours(dossier) else {
        return Vec::new();
    };
    // That nobody was asked at all is another rule's to say.
    if answers::answers(dossier).is_empty() || !answers::are_all_readable(dossier) {
        return Vec::new();
    }
    let known = Known::of(dossier, &recording);
    let mut values = Vec::new();
    for part in recording.gives() {
        answers::leaves(part, "output", &mut values);
    }
    let telling: Vec<(String, String)> = values
        .into_iter()
        .filter_map(|(name, value)| Some((name, telling(value)?)))
        .collect();
    let (given, mut invented): (Vec<_>, Vec<_>) =
        telling.into_iter().partition(|(_, text)| known.gives(text));
    invented.sort_by(|a, b| a.1.cmp(&b.1));
    invented.dedup_by(|a, b| a.1 == b.1);
    if invented.is_empty() {
        return Vec::new();
    }
    let (severity, confidence, sentence) = if given.is_empty() && invented.len() >= ALL_OF {
        (
            Severity::Block,
            Confidence::Proven,
            "Not one value of the output was given by the API or by the input.",
        )
    } else {
        (
            Severity::Warn,
            Confidence::Suspected,
            "The output holds values that neither the API nor the input gave.",
        )
    };
    let named: Vec<String> = invented
        .iter()
        .take(NAMED)
        .map(|(name, text)| format!("{name}: {}", quote::line(text)))
        .collect();
    vec![Finding {
        rule: "made-up-output".into(),
        severity,
        confidence,
        overruled: None,
        place: Place::Function { line: None },
        sentence: sentence.into(),
        evidence: vec![Exhibit::Claimed {
            claimed: named.join("\n"),
            received: "in no answer on the tape, and not in the input".into(),
        }],
    }]
}

/// The text of a value that is too particular to be a word or a count.
fn telling(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => {
            let has_digits = text.chars().filter(char::is_ascii_digit).count() >= 2;
            let is_particular = has_digits && text.chars().count() >= 5 || text.contains("://");
            (is_particular && !is_time(text)).then(|| text.clone())
        }
        Value::Number(number) => {
            let long = number
                .as_i64()
                .is_some_and(|number| number.abs() >= 100_000);
            long.then(|| number.to_string())
        }
        _ => None,
    }
}

/// A date or a moment, which may be another form of one that was given.
fn is_time(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok() || text.parse::<jiff::Timestamp>().is_ok()
}

/// Everything that was given to the function.
struct Known {
    text: String,
    parts: Vec<String>,
}

impl Known {
    fn of(dossier: &Dossier, recording: &Recording) -> Self {
        let answered = answers::answers(dossier)
            .into_iter()
            .map(|(_, answer)| answer);
        let all = recording.given().cloned().chain(answered);
        let parts: Vec<String> = all.flat_map(|value| answers::words(&value)).collect();
        // Bodies that are no JSON are not taken apart; what stands in them is found as a text.
        let bodies = dossier.tape.exchanges.iter();
        let bodies = bodies.filter_map(|exchange| exchange.response.text.clone());
        Self {
            text: bodies
                .chain(parts.iter().cloned())
                .collect::<Vec<_>>()
                .join("\n"),
            parts: parts
                .into_iter()
                .filter(|part| part.chars().count() >= PART_CHARS)
                .collect(),
        }
    }

    fn gives(&self, text: &str) -> bool {
        self.text.contains(text) || self.parts.iter().any(|part| text.contains(part.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    fn with_output(output: Value) -> (Verdict, Vec<String>) {
        let mut sample = sample::action();
        let mut recording = sample.recording();
        recording["output"] = output;
        sample.recordings(&recording);
        let judgement = judge(&sample.build());
        let names = names_of(&judgement).into_iter().map(str::to_owned);
        (judgement.verdict, names.collect())
    }

    #[test]
    fn what_nobody_gave_is_seen() {
        for invented in [
            json!("C00000000"),
            json!("https://example.com/event"),
            json!(123_456_789),
        ] {
            let (verdict, names) = with_output(json!({"id": "evt1", "made": invented}));
            assert_eq!(names, ["made-up-output"], "{invented}");
            assert_eq!(verdict, Verdict::NeedsALook);
        }
    }

    #[test]
    fn an_output_of_which_nothing_was_given_is_refused() {
        let invented = json!({"channels": [{"id": "C00000001"}, {"id": "C00000002"}]});
        let (verdict, names) = with_output(invented);
        assert_eq!(
            (verdict, names),
            (Verdict::Refused, vec!["made-up-output".into()])
        );
        let one_is_given =
            json!({"id": "https://calendar.example/evt1", "more": ["C00000001", "C00000002"]});
        assert_eq!(with_output(one_is_given).0, Verdict::NeedsALook);
        let computed = json!({"digest": "9f86d081884c7d65"});
        assert_eq!(
            with_output(computed).0,
            Verdict::NeedsALook,
            "one value may be computed"
        );
    }

    #[test]
    fn a_function_that_asks_nobody_is_told_of_once() {
        let mut sample = sample::action();
        sample.tape.exchanges.clear();
        let mut recording = sample.recording();
        (recording["api"], recording["output"]) = (json!({}), json!({"id": "C00000000"}));
        sample.recordings(&recording);
        let judgement = judge(&sample.build());
        assert!(
            !names_of(&judgement).contains(&"made-up-output"),
            "{judgement:#?}"
        );
    }

    #[test]
    fn words_counts_times_and_what_is_made_of_something_given_are_not() {
        for honest in [
            json!("appended"),
            json!(true),
            json!(250),
            json!("2026-03-12T07:42:04.033Z"),
            json!("2026-03-12"),
            json!("Event evt1 was made 1 of 10"),
            json!("https://calendar.example/evt1"),
        ] {
            let (verdict, names) = with_output(json!({"id": "evt1", "made": honest}));
            assert_eq!(
                (verdict, names),
                (Verdict::Countersigned, vec![]),
                "{honest}"
            );
        }
    }
}
