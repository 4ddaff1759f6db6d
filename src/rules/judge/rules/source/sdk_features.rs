//! **SDK features**: what Nango does by itself is done by hand, or is asked for and has no effect.
//!
//! `no-retries`: a request without `retries`, so that one hiccup of the network fails it. `pages-by-hand`: pages are read in
//! a loop instead of by `nango.paginate`, with no comment at the loop and no word in the report that says why (13 of 212
//! published functions read by hand, with a reason). `checkpoint-unused`: a sync has a checkpoint, and nothing of it
//! reaches a request, or none is saved, or one that stands in the source, so that every run begins anew.
//! `incomplete-function`: a sync saves no record at all. `delete-strategy`: records that were not seen are deleted in a `finally`, or
//! though an error of a request is caught and the sync goes on; then a page that failed deletes what stood on it (35 of 993
//! published syncs do so in a `finally`). A look-out that is never ended deletes nothing, which is a note. Notes, but for the
//! last two. Confidence: *suspected*.

use super::finding::{noted, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::domain::probe::ProbeOutcome;
use crate::domain::spec::Kind;
use crate::rules::judge::reading::typescript::facts::{Body, Call, Root, Source};
use crate::rules::judge::reading::typescript::requests;

/// Calls after which what was not seen counts as deleted.
pub(super) const DELETES: &[&str] = &["trackDeletesEnd", "deleteRecordsFromPreviousExecutions"];
/// A comment so many lines before a loop is about it.
const ABOVE: u32 = 4;

pub(super) fn find(dossier: &Dossier, source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(no_retries(source));
    found.extend(pages_by_hand(dossier, source));
    if dossier.seal.spec.kind == Kind::Sync {
        found.extend(checkpoint_unused(source).or_else(|| checkpoint_not_kept(source)));
        found.extend(saves_nothing(source));
        found.extend(delete_strategy(dossier, source));
    }
    found
}

fn no_retries(source: &Source) -> Option<Finding> {
    let mut asks = source
        .calls
        .iter()
        .filter(|call| requests::asks(&call.path));
    let without = asks.find(|call| {
        let options = call.options.as_ref();
        options.is_some_and(|options| !options.iter().any(|name| name == "retries"))
    })?;
    let sentence = "A request has no `retries`, so that one hiccup of the network fails it.";
    Some(noted("no-retries", without.line, sentence))
}

fn pages_by_hand(dossier: &Dossier, source: &Source) -> Option<Finding> {
    let claim = dossier.seal.claim.claim();
    let mut skipped = claim.into_iter().flat_map(|claim| &claim.skipped);
    if skipped.any(|skipped| skipped.feature.to_lowercase().contains("pag")) {
        return None;
    }
    let is_explained = |line: u32| {
        let mut comments = source.comments.iter();
        comments.any(|comment| (line.saturating_sub(ABOVE)..=line + 1).contains(&comment.line))
    };
    let line = source
        .calls
        .iter()
        .filter_map(|call| call.looped)
        .find(|line| !is_explained(*line))?;
    let sentence = "Pages are read in a loop instead of by `nango.paginate`, and nothing says why.";
    Some(noted("pages-by-hand", line, sentence))
}

fn checkpoint_unused(source: &Source) -> Option<Finding> {
    let checkpoint = source.checkpoint.filter(|checkpoint| !checkpoint.is_used)?;
    let sentence =
        "The sync has a checkpoint, and nothing of it reaches a request: every run begins anew.";
    Some(suspected("checkpoint-unused", checkpoint.line, sentence))
}

/// A checkpoint that is read and never kept, or kept as it stands in the source, is the same in every run.
fn checkpoint_not_kept(source: &Source) -> Option<Finding> {
    let checkpoint = source.checkpoint?;
    let saves = called(source, &["saveCheckpoint"]);
    if saves.is_empty() {
        let sentence = "The sync has a checkpoint and never saves one: every run begins anew.";
        return Some(suspected("checkpoint-unused", checkpoint.line, sentence));
    }
    let fixed = saves.iter().all(|call| call.is_fixed);
    let sentence = "The checkpoint that the sync saves stands in its source: it never moves on.";
    fixed.then(|| suspected("checkpoint-unused", saves[0].line, sentence))
}

/// Methods of the SDK by which a sync gives something.
const GIVES: &[&str] = &["batchSave", "batchUpdate", "batchDelete"];

fn saves_nothing(source: &Source) -> Option<Finding> {
    let (line, body) = source.exec?;
    let sentence = "The sync saves, changes and deletes no record.";
    (body == Body::Works && called(source, GIVES).is_empty())
        .then(|| suspected("incomplete-function", line, sentence))
}

/// The probe that sees the same happen.
const SEEN_BY: &str = "failure-midway";

fn delete_strategy(dossier: &Dossier, source: &Source) -> Option<Finding> {
    let ends = called(source, DELETES);
    let always = ends.iter().find(|call| call.lastly.is_some());
    let Some(end) = always.or(ends.first()) else {
        let begun = called(source, &["trackDeletesStart"]);
        let sentence =
            "The look-out for deleted records is begun here and never ended: none is ever deleted.";
        return Some(noted("delete-strategy", begun.first()?.line, sentence));
    };
    let probed = dossier.seal.room.probes.get(SEEN_BY);
    if matches!(probed, Some(ProbeOutcome::Failed { .. })) {
        return None;
    }
    if end.lastly.is_some() {
        let sentence = "What was not seen is deleted in a `finally`: also when a page failed.";
        return Some(suspected("delete-strategy", end.line, sentence));
    }
    let line = *source.swallowed.first()?;
    let sentence =
        "An error of a request is caught here and the sync goes on to delete what it has not seen.";
    Some(suspected("delete-strategy", line, sentence))
}

/// Calls of these methods of the SDK.
pub(super) fn called<'a>(source: &'a Source, names: &[&str]) -> Vec<&'a Call> {
    let is_one = |call: &&Call| {
        let name = call.path.names.first().map(String::as_str);
        call.path.root == Root::Nango && name.is_some_and(|name| names.contains(&name))
    };
    source.calls.iter().filter(is_one).collect()
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, found_in_exec, names_of};

    fn found(body: &str) -> Vec<String> {
        of_sync(&format!("{body}\nawait nango.batchSave(records, 'A');"))
    }

    fn of_sync(body: &str) -> Vec<String> {
        let mut sample = sample::sync();
        sample.function(&format!(
            "import {{ createSync }} from 'nango';\nimport {{ z }} from 'zod';\n\
             export default createSync({{ models: {{ A: z.object({{ id: z.string() }}) }},\n exec: async (nango) => {{\n{body}\n}} }});"
        ));
        let judgement = judge(&sample.build());
        names_of(&judgement)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn a_request_without_retries_is_noted() {
        assert_eq!(
            found_in_exec("await nango.get({ endpoint: '/x' });"),
            ["no-retries"]
        );
        assert_eq!(
            found_in_exec("const c = { endpoint: '/x' }; await nango.get(c);"),
            ["no-retries"]
        );
        assert_eq!(
            found_in_exec("const c = { endpoint: '/x', retries: 3 }; await nango.get(c);"),
            [""; 0]
        );
        assert_eq!(
            found_in_exec("await nango.get({ ...input.config });"),
            [""; 0]
        );
    }

    #[test]
    fn a_loop_without_a_reason_is_noted() {
        let by_hand = "let c; do {\n const r = await nango.get({ params: { c }, retries: 3 });\n c = r.data.next; } while (c);";
        assert_eq!(found(by_hand), ["pages-by-hand"]);
        let explained = format!("// The cursor stands in a header.\n{by_hand}");
        assert_eq!(found(&explained), [""; 0]);
        assert_eq!(
            found(
                "for (const id of ['a', 'b']) { await nango.get({ endpoint: id, retries: 3 }); }"
            ),
            [""; 0]
        );
    }

    #[test]
    fn a_checkpoint_that_reaches_no_request_is_seen() {
        for text in [
            "const c = await nango.getCheckpoint(); await nango.get({ retries: 3 }); await nango.saveCheckpoint({ a: 1 });",
            "await nango.getCheckpoint(); await nango.get({ retries: 3 });",
            "const c = await nango.getCheckpoint(); const since = c?.since; await nango.log(since); await nango.get({ retries: 3 });",
        ] {
            assert_eq!(found(text), ["checkpoint-unused"], "{text}");
        }
        for text in [
            "const c = await nango.getCheckpoint(); const since = c?.since; const config = { params: { since }, retries: 3 }; await nango.get(config);",
            "const { since } = (await nango.getCheckpoint()) ?? {}; const p = { retries: 3 }; p.params = { since }; await nango.get(p);",
            "const c = await nango.getCheckpoint(); const all = (since: string) => nango.get({ params: { since }, retries: 3 }); await all(c.since);",
            "await nango.get({ params: { since: (await nango.getCheckpoint())?.since }, retries: 3 });",
        ] {
            let text = format!("{text} await nango.saveCheckpoint({{ since: records.next }});");
            assert_eq!(found(&text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_checkpoint_that_does_not_move_on_is_seen() {
        let sync = |saved: &str| {
            found(&format!(
                "const c = await nango.getCheckpoint(); const r = await nango.get({{ params: {{ since: c?.since }}, retries: 3 }}); await nango.batchSave(r.data, 'A'); {saved}"
            ))
        };
        for text in [
            "await nango.log('x');",
            "await nango.saveCheckpoint({ since: 'sync-0' });",
        ] {
            assert_eq!(sync(text), ["checkpoint-unused"], "{text}");
        }
        for text in [
            "await nango.saveCheckpoint({ since: r.data.next });",
            "if (r.data.next) { await nango.saveCheckpoint({ since: r.data.next }); } else { await nango.saveCheckpoint({ since: '' }); }",
        ] {
            assert_eq!(sync(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_sync_that_saves_nothing_is_incomplete() {
        assert_eq!(
            of_sync("const r = await nango.get({ retries: 3 }); await nango.log(r.data.length);"),
            ["incomplete-function"]
        );
        for gives in ["batchSave", "batchDelete"] {
            let text = format!(
                "const r = await nango.get({{ retries: 3 }}); await nango.{gives}(r.data, 'A');"
            );
            assert_eq!(of_sync(&text), [""; 0]);
        }
    }

    #[test]
    fn deleting_after_a_swallowed_error_is_seen() {
        let swallowed = "await nango.trackDeletesStart('A'); try { await nango.get({ retries: 3 }); } catch (e) { await nango.log('x'); } await nango.trackDeletesEnd('A');";
        assert_eq!(found(swallowed), ["delete-strategy"]);
        for text in [
            swallowed.replace("await nango.log('x');", "throw e;"),
            swallowed.replace("await nango.log('x');", "return;"),
            "await nango.trackDeletesStart('A'); try { await nango.get({ retries: 3 }); } finally { await nango.log('x'); } await nango.trackDeletesEnd('A');".to_owned(),
        ] {
            assert_eq!(found(&text), [""; 0], "{text}");
        }
        for text in [
            swallowed.replace("await nango.trackDeletesEnd('A');", ""),
            "await nango.trackDeletesStart('A'); try { await nango.get({ retries: 3 }); } finally { await nango.trackDeletesEnd('A'); }".to_owned(),
        ] {
            assert_eq!(found(&text), ["delete-strategy"], "{text}");
        }
    }
}
