//! **Constant field**: all things of a list say the same of themselves, and the API did not say so.
//!
//! Sees a field that has one value in every thing of the output's longest lists, three things at least, although a list of the answers
//! has a field of that name whose values differ, and too few of them are that value. The time of one contact was given to all.
//! What looks alike: a filter, which leaves only those that do have the value; a parent's value put to each of its children, which
//! stands once and in no list; a value that is the same in the whole list of the answers. Base rate: docs/verification.md.
//! Confidence: *proven* (values counted against values).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::recording::Recording;

/// So many things make a constant of what is the same in all of them.
const THINGS: usize = 3;
/// Characters of a value that says something by itself.
const TELLING: usize = 3;

/// Compares the fields of the output's lists with those of the answers' lists.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let Some(recording) = Recording::ours(dossier) else {
        return Vec::new();
    };
    let mut answered = Fields::default();
    for call in &recording.calls {
        answered.add(&call.response, None);
    }
    let mut shown = Fields::default();
    for value in recording.gives() {
        shown.add(value, None);
    }
    let constant = shown.of_lists.iter().find_map(|(name, values)| {
        let (value, times) = values.iter().next().filter(|_| values.len() == 1)?;
        let theirs = answered.of_lists.get(name)?;
        let received = answered.all.get(value).copied().unwrap_or(0);
        let is_telling = value.trim_matches('"').chars().count() >= TELLING;
        (is_telling && *times >= THINGS && theirs.len() > 1 && received < *times)
            .then_some((name, value, *times, received))
    });
    let Some((name, value, times, received)) = constant else {
        return Vec::new();
    };
    let value = quote::line(value);
    vec![Finding::new(
        "constant-field",
        Severity::Warn,
        Confidence::Proven,
        Place::Function { line: None },
        format!(
            "All {times} things of the output have the same `{name}`, and in the answers it differs from thing to thing."
        ),
        vec![Exhibit::Claimed {
            claimed: format!("{name}: {value}, {times} times"),
            received: format!("that value {received} times in all answers"),
        }],
    )]
}

/// The plain fields of values.
#[derive(Default)]
struct Fields {
    /// Of things that stand in lists, by the letters of the name: how often each value is there.
    of_lists: BTreeMap<String, BTreeMap<String, usize>>,
    /// All values, whatever they are called.
    all: BTreeMap<String, usize>,
}

impl Fields {
    /// Adds a value; `name` is that of the field in which it stands, within a list.
    fn add(&mut self, value: &Value, name: Option<&str>) {
        match value {
            Value::Array(things) => things.iter().for_each(|thing| self.add(thing, Some(""))),
            Value::Object(fields) => {
                for (field, value) in fields {
                    self.add(value, name.map(|_| field.as_str()));
                }
            }
            Value::String(_) | Value::Number(_) => {
                let text = value.to_string();
                *self.all.entry(text.clone()).or_default() += 1;
                let letters = name.into_iter().flat_map(str::chars);
                let letters: String = letters.filter(char::is_ascii_alphabetic).collect();
                if !letters.is_empty() {
                    let values = self
                        .of_lists
                        .entry(letters.to_ascii_lowercase())
                        .or_default();
                    *values.entry(text).or_default() += 1;
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    /// Whether records are found constant, when the API gave these.
    fn is_found(answer: &Value, records: &Value) -> bool {
        let mut sample = sample::sync();
        let mut recording = sample.recording();
        let of_method = recording["api"].as_object_mut().expect("methods");
        let call = of_method
            .values_mut()
            .flat_map(|calls| calls.as_object_mut().expect("calls").values_mut())
            .next();
        let call = call.expect("a call");
        let entry = call.as_array_mut().and_then(|all| all.first_mut());
        match entry {
            Some(entry) => entry["response"] = answer.clone(),
            None => call["response"] = answer.clone(),
        }
        let models = recording["nango"]["batchSave"]
            .as_object_mut()
            .expect("models");
        for saved in models.values_mut() {
            *saved = records.clone();
        }
        sample.record(&recording);
        names_of(&judge(&sample.build())).contains(&"constant-field")
    }

    fn contacts(times: [&str; 3]) -> Value {
        let of = |(at, time): (usize, &&str)| json!({"id": format!("c{at}"), "updatedAt": time});
        let all: Vec<Value> = times.iter().enumerate().map(of).collect();
        Value::Array(all)
    }

    #[test]
    fn one_value_for_all_is_seen() {
        let answer = json!({"results": contacts(["2026-01-01", "2026-01-02", "2026-01-03"])});
        assert!(is_found(&answer, &contacts(["2026-01-02"; 3])));
        assert!(is_found(&answer, &contacts(["2020-02-02"; 3])));
    }

    #[test]
    fn what_was_received_so_is_innocent() {
        let answer = json!({"results": contacts(["2026-01-01", "2026-01-02", "2026-01-03"])});
        assert!(!is_found(
            &answer,
            &contacts(["2026-01-01", "2026-01-02", "2026-01-03"])
        ));
        let same = json!({"results": contacts(["2026-01-01"; 3])});
        assert!(!is_found(&same, &contacts(["2026-01-01"; 3])), "it is so");
        let filtered = json!({"results": [
            {"id": "c0", "updatedAt": "open"}, {"id": "c1", "updatedAt": "open"}, {"id": "c2", "updatedAt": "open"},
            {"id": "c3", "updatedAt": "shut"},
        ]});
        assert!(!is_found(&filtered, &contacts(["open"; 3])), "a filter");
        let parent = json!({"updatedAt": "2026-01-01", "results": [{"id": "c0"}, {"id": "c1"}, {"id": "c2"}]});
        assert!(
            !is_found(&parent, &contacts(["2026-01-01"; 3])),
            "a parent's"
        );
    }
}
