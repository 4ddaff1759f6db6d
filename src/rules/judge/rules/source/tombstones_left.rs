//! **Delete strategy** of a sync that reads only what changed: the API says of a record that it is gone, and the sync neither
//! deletes nor saves it.
//!
//! Sees our recording of a sync with a checkpoint: an item of an answer whose own fields say that it is gone (`status:
//! "cancelled"`, `deleted: true`), whose id is in no saved record, and no `batchDelete` and no look-out for deleted records in
//! the source. Whoever has the record from an earlier run keeps it for ever. What looks alike: a sync that reads everything each
//! time, one that saves the record as it is, one that deletes. Base rate: docs/verification.md. Confidence: *inferred*; that no
//! earlier run saved such a record cannot be known.

use std::collections::BTreeSet;

use serde_json::Value;

use super::finding::at;
use super::sdk_features::{DELETES, called};
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::domain::spec::Kind;
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::recording::Recording;
use crate::rules::judge::reading::typescript::facts::Source;

/// Fields that say so when they are true.
const FLAGS: &[&str] = &[
    "deleted",
    "isdeleted",
    "removed",
    "isremoved",
    "trashed",
    "istrashed",
];
/// What a status says of a record that is gone.
const GONE: &[&str] = &["cancelled", "canceled", "deleted", "removed", "trashed"];

/// Looks for records that are gone and stay.
pub(super) fn find(dossier: &Dossier, source: &Source) -> Vec<Finding> {
    let is_sync = dossier.seal.spec.kind == Kind::Sync;
    let Some(checkpoint) = source.checkpoint.filter(|_| is_sync) else {
        return Vec::new();
    };
    let deletes = called(source, DELETES).len() + called(source, &["batchDelete"]).len();
    let Some(recording) = Recording::ours(dossier).filter(|_| deletes == 0) else {
        return Vec::new();
    };
    let mut saved = BTreeSet::new();
    recording
        .saved
        .iter()
        .for_each(|value| words(value, &mut saved));
    let mut answers = recording.calls.iter().map(|call| &call.response);
    let Some((id, said)) = answers.find_map(|answer| left(answer, &saved)) else {
        return Vec::new();
    };
    let sentence = format!(
        "An answer says of {} that it is gone ({said}), and this sync, which reads what changed since its checkpoint, neither deletes nor saves it.",
        quote::line(&id)
    );
    vec![at(
        "delete-strategy",
        Severity::Warn,
        Confidence::Inferred,
        checkpoint.line,
        sentence,
    )]
}

/// The first item that is gone and was not saved: its id, and the field that says so.
fn left(value: &Value, saved: &BTreeSet<String>) -> Option<(String, String)> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| left(item, saved)),
        Value::Object(fields) => {
            let id = fields.get("id").and_then(word);
            let gone = fields.iter().find_map(|(name, field)| gone(name, field));
            match (id, gone) {
                (Some(id), Some(said)) if !saved.contains(&id) => Some((id, said)),
                _ => fields.values().find_map(|field| left(field, saved)),
            }
        }
        _ => None,
    }
}

fn gone(name: &str, field: &Value) -> Option<String> {
    let plain = name.replace('_', "").to_lowercase();
    let is_flag = field == &Value::Bool(true) && FLAGS.contains(&plain.as_str());
    let is_status = plain == "status"
        && field
            .as_str()
            .is_some_and(|status| GONE.contains(&status.to_lowercase().as_str()));
    (is_flag || is_status).then(|| format!("`{name}: {field}`"))
}

/// Texts and numbers, as one writes ids.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn words(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.values().for_each(|field| words(field, found)),
        Value::Array(items) => items.iter().for_each(|item| words(item, found)),
        _ => found.extend(word(value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::judge::judge;
    use crate::rules::judge::sample;

    const READS: &str = "const c = await nango.getCheckpoint(); const r = await nango.get({ params: { since: c?.since }, retries: 3 });";
    const KEEPS: &str = "await nango.batchSave(r.data.filter((e) => e.status !== 'cancelled'), 'A'); await nango.saveCheckpoint({ since: r.data.next });";

    fn is_found(body: &str, items: &Value, saved: &Value) -> bool {
        let mut sample = sample::sync();
        sample.function(&format!(
            "import {{ createSync }} from 'nango';\nimport {{ z }} from 'zod';\n\
             export default createSync({{ models: {{ A: z.object({{ id: z.string() }}) }},\n exec: async (nango) => {{\n{body}\n}} }});"
        ));
        let mut recording = sample.recording();
        recording["api"] = json!({"get": {"/v1/things": {"request": {}, "status": 200, "response": {"items": items}}}});
        recording["nango"] = json!({"batchSave": {"A": saved}});
        sample.record(&recording);
        let findings = judge(&sample.build()).findings;
        findings.iter().any(|one| one.rule == "delete-strategy")
    }

    #[test]
    fn a_record_that_is_gone_and_stays_is_seen() {
        let body = format!("{READS} {KEEPS}");
        let saved = json!([{"id": "a"}]);
        for gone in [
            json!({"id": "b", "status": "cancelled"}),
            json!({"id": "b", "is_deleted": true}),
            json!({"id": 7, "deleted": true}),
        ] {
            let items = json!([{"id": "a", "status": "confirmed"}, gone]);
            assert!(is_found(&body, &items, &saved), "{items}");
        }
    }

    #[test]
    fn who_deletes_saves_or_reads_everything_is_innocent() {
        let items = json!([{"id": "a"}, {"id": "b", "status": "cancelled"}]);
        let saved = json!([{"id": "a"}]);
        let body = format!("{READS} {KEEPS}");
        assert!(
            !is_found(&body, &items, &json!([{"id": "a"}, {"id": "b"}])),
            "saved"
        );
        assert!(
            !is_found(
                &format!("{body} await nango.batchDelete([], 'A');"),
                &items,
                &saved
            ),
            "deletes"
        );
        let whole = body
            .replace("await nango.getCheckpoint()", "{ since: '' }")
            .replace("await nango.saveCheckpoint", "await nango.log");
        assert!(!is_found(&whole, &items, &saved), "reads everything");
        let alive = json!([{"id": "a", "status": "confirmed"}, {"id": "b", "deleted": false}]);
        assert!(!is_found(&body, &alive, &saved), "not gone");
    }
}
