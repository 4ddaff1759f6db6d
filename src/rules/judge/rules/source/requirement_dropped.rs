//! **Requirement missed**, held against what the API gave: the spec asks for a field that stood in the answers and is not in the
//! output, or wants something left out by what the answers say and nothing in the function looks at.
//!
//! Sees lists of fields (*List the channels: id, name, number of members*; *return its id and link*) of which no word is in the
//! output, although a field of a recorded answer is called so (`num_members`); and words behind *not*, *without* and their like
//! (*that are not archived*) that a field of an answer has (`is_archived`) and neither source nor request nor output. Nothing is
//! said of words that the answers do not have: they may be called otherwise. What looks alike: a filter that the API does itself
//! when it is asked to (`exclude_archived`), a field that was renamed to another word of the same item. Base rate:
//! docs/verification.md. Confidence: *suspected*.

use std::collections::BTreeSet;

use serde_json::Value;

use super::shown::{Shown, plain};
use super::wishes::{NOUNS, WITHOUT, asked, list, words};
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::rules::judge::reading::recording::Recording;

/// Words of a list that name no field.
const EMPTY: &[&str] = &[
    "whether", "number", "count", "their", "that", "this", "with", "each", "every", "from", "time",
    "date", "last", "first", "other", "only", "these", "them", "into",
];
/// How many words behind it are looked at.
const REACH: usize = 4;
/// Letters of a word that says something.
const LETTERS: usize = 4;

/// Looks for what was dropped.
pub(super) fn find(dossier: &Dossier, shown: &Shown) -> Vec<Finding> {
    let Some(recording) = Recording::ours(dossier) else {
        return Vec::new();
    };
    let mut answered = BTreeSet::new();
    for call in &recording.calls {
        keys(&call.response, &mut answered);
    }
    let field = |word: &str| {
        answered
            .iter()
            .find(|field| plain(field).contains(&stem(word)))
    };
    let text = asked(&dossier.seal.spec);
    let mut dropped = Vec::new();
    for word in items(&text) {
        if let Some(field) = field(&word).filter(|_| !shown.gives(&stem(&word))) {
            let what = format!("{word}, which an answer has (`{field}`) and the output has not");
            dropped.push(told(&what));
        }
    }
    for word in unwanted(&text) {
        if let Some(field) = field(&word).filter(|_| !shown.has(&stem(&word))) {
            let what = format!(
                "none that are {word}, and neither a request nor the function looks at it (`{field}` in an answer)"
            );
            dropped.push(told(&what));
        }
    }
    dropped
}

fn told(what: &str) -> Finding {
    Finding::new(
        "requirement-missed",
        Severity::Warn,
        Confidence::Suspected,
        Place::Function { line: None },
        format!("The spec asks for {what}."),
        Vec::new(),
    )
}

/// The names of all fields.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                found.insert(name.clone());
                keys(field, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// The fields that lists of a text name. An item of several words that say something may mean anything.
fn items(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    for sentence in text.split(['.', ';']) {
        let lower = sentence.trim().to_lowercase();
        let Some(list) = list(&lower) else {
            continue;
        };
        for item in list.split([',', '/']).flat_map(|part| part.split(" and ")) {
            let mut says =
                words(item).filter(|word| word.len() >= LETTERS && !EMPTY.contains(word));
            // Nouns that have other usual names are looked for by those.
            let is_noun = |word: &str| NOUNS.iter().any(|(noun, _)| noun.contains(word));
            if let (Some(word), None) = (says.next(), says.next())
                && !is_noun(word)
            {
                items.push(word.to_owned());
            }
        }
    }
    items
}

/// The words of what is not wanted.
fn unwanted(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in text.split(['.', ';', ',', ':', '(', ')']) {
        let lower = part.to_lowercase();
        let mut rest = words(&lower)
            .skip_while(|word| !WITHOUT.contains(word))
            .skip(1);
        let near = rest.by_ref().take(REACH).filter(|word| {
            // *archived*, *deleted*, *hidden*, *bots*: what a field is called; verbs and the like are not.
            word.len() > LETTERS && (word.ends_with("ed") || word.ends_with("en"))
        });
        found.extend(near.map(str::to_owned));
    }
    found
}

/// A word without the endings that a field may lack.
fn stem(word: &str) -> String {
    let word = word
        .strip_suffix("ies")
        .or(word.strip_suffix("ed"))
        .unwrap_or(word);
    word.trim_end_matches(['s', 'e']).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{items, unwanted};
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, Sample};

    /// A function that lists channels, of which the API says whether they are archived and how many members they have.
    fn channels(output: &str, request: &str, given: serde_json::Value) -> Sample {
        let mut sample = sample::action();
        sample.seal.spec.description =
            "List the channels that are not archived: id, number of members.".into();
        let mut recording = sample.recording();
        recording["api"]["post"]["/calendar/v3/calendars/primary/events"]["response"] =
            json!({"channels": [{"id": "C1", "is_archived": false, "num_members": 7}]});
        recording["output"] = given;
        sample.record(&recording);
        sample.function(&format!(
            "import {{ createAction }} from 'nango';\nimport {{ z }} from 'zod';\nexport default createAction({{ input: z.object({{}}), \
             output: {output}, exec: async (nango) => {{ const a = await nango.get({{ retries: 3{request} }}); return a.data; }} }});"
        ));
        sample
    }

    fn missed(sample: &Sample) -> Vec<String> {
        let findings = judge(&sample.build()).findings;
        let ours = findings
            .into_iter()
            .filter(|one| one.rule == "requirement-missed");
        ours.map(|one| one.sentence).collect()
    }

    #[test]
    fn what_the_api_gave_and_the_function_dropped_is_named() {
        let bare = channels("z.object({ id: z.string() })", "", json!({"id": "C1"}));
        let missed = missed(&bare);
        assert_eq!(missed.len(), 2, "{missed:#?}");
        assert!(
            missed
                .iter()
                .any(|one| one.contains("members") && one.contains("`num_members`"))
        );
        assert!(
            missed
                .iter()
                .any(|one| one.contains("archived") && one.contains("`is_archived`"))
        );
    }

    #[test]
    fn other_names_and_a_filter_of_the_api_are_innocent() {
        let output = "z.object({ id: z.string(), memberCount: z.number() })";
        let filtered = ", params: { exclude_archived: 'true' }";
        let given = json!({"id": "C1", "memberCount": 7});
        assert_eq!(missed(&channels(output, filtered, given.clone())), [""; 0]);
        let looks = ", params: (c: any) => !c.is_archived";
        assert_eq!(missed(&channels(output, looks, given)), [""; 0]);
    }

    #[test]
    fn lists_name_fields() {
        assert_eq!(
            items(
                "List the channels that are not archived: id, name, whether private, number of members."
            ),
            ["name", "private", "members"]
        );
        assert_eq!(
            items("Create an event in a calendar and return its id, status and link."),
            ["status"]
        );
        assert!(items("Note: do it well, and soon.").is_empty());
        assert!(items("List channels: without names, without members").is_empty());
    }

    #[test]
    fn what_is_not_wanted_is_what_follows() {
        let unwanted = |text: &str| unwanted(text).into_iter().collect::<Vec<_>>();
        assert_eq!(unwanted("channels that are not archived: id"), ["archived"]);
        assert_eq!(
            unwanted("Keep members, without those who are deleted."),
            ["deleted"]
        );
        assert!(unwanted("Archived ones, too. Do not send mail").is_empty());
    }
}
