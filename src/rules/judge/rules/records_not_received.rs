//! **Records not received**: a sync saved records of which nothing came from the API.
//!
//! Sees a record no value of which stands in any answer: it came from the connection's metadata, or from the function itself.
//! Records are what a customer believes to be in the API. What looks alike: fields that are computed, as long as one value of
//! the record was received; an empty account, which gives no records. Where an answer is too long to be read whole nothing is
//! said. Confidence: *proven* (values compared with values).

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::spec::Kind;
use crate::rules::judge::reading::recording::Recording;
use crate::rules::judge::reading::{answers, quote};
use crate::text::number::count;

/// Compares records with answers.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let Some(recording) = Recording::ours(dossier).filter(|_| dossier.seal.spec.kind == Kind::Sync)
    else {
        return Vec::new();
    };
    let answers = answers::answers(dossier);
    // That nobody was asked at all is another rule's to say.
    if answers.is_empty() || !answers::are_all_readable(dossier) {
        return Vec::new();
    }
    let received: BTreeSet<String> = answers
        .iter()
        .flat_map(|(_, answer)| answers::words(answer))
        .filter(|word| is_telling(word))
        .collect();
    let records: Vec<&Value> = recording
        .saved
        .iter()
        .filter_map(Value::as_array)
        .flatten()
        .collect();
    let foreign: Vec<&&Value> = records
        .iter()
        .filter(|record| {
            let words = answers::words(record);
            let mut telling = words.iter().filter(|word| is_telling(word)).peekable();
            // A part of what was received, or around it, is received.
            telling.peek().is_some()
                && telling.all(|word| {
                    !received
                        .iter()
                        .any(|one| one.contains(word.as_str()) || word.contains(one.as_str()))
                })
        })
        .collect();
    let Some(first) = foreign.first() else {
        return Vec::new();
    };
    vec![Finding::new(
        "records-not-received",
        Severity::Block,
        Confidence::Proven,
        Place::Function { line: None },
        format!(
            "{} of {} that the sync saved {} no value that the API gave.",
            foreign.len(),
            count(records.len(), "record"),
            crate::text::number::plural(foreign.len(), "holds", "hold")
        ),
        vec![Exhibit::Claimed {
            claimed: quote::head(&first.to_string()),
            received: "in no answer on the tape".into(),
        }],
    )]
}

/// Whether a value says anything by itself.
fn is_telling(word: &str) -> bool {
    word.chars().count() >= 2
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    fn names(records: serde_json::Value) -> Vec<String> {
        let mut sample = sample::sync();
        let mut recording = sample.recording();
        recording["nango"]["batchSave"]["User"] = records;
        sample.record(&recording);
        sample.offer(&recording);
        let judgement = judge(&sample.build());
        assert_eq!(
            judgement.findings.is_empty(),
            judgement.verdict == Verdict::Countersigned
        );
        names_of(&judgement)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_record_that_nobody_sent_is_none() {
        let made_up = json!([{"id": "U1"}, {"id": "W77", "name": "Grace Hopper"}]);
        assert_eq!(names(made_up), ["records-not-received"]);
    }

    #[test]
    fn computed_fields_and_empty_accounts_are_fine() {
        for records in [
            json!([{"id": "U1", "label": "somebody else", "at": 1}]),
            json!([{"id": "slack:U2"}]),
            json!([{"active": true}]),
            json!([]),
        ] {
            assert!(names(records.clone()).is_empty(), "{records}");
        }
    }
}
