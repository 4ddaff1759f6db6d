//! A state folder that the version before this tree wrote (commit eb800bb, its own `demo`): database, blobs and dossiers
//! open, are told in the same words, and are judged alike.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use countersign::domain::ending::Ending;
use countersign::domain::event::Settlement;
use countersign::domain::name::RunId;
use countersign::domain::verdict::{Judgement, Verdict};
use countersign::domain::view::View;
use countersign::edge::blobs::Dossiers;
use countersign::edge::store::Store;
use countersign::report::summary::{self, Links};
use countersign::rules::judge::judge;

/// The run in it.
const RUN: &str = "88f778646e9d";

/// A copy that may be written to: opening a database may bring its tables up to date.
fn copy() -> tempfile::TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/state/version-1");
    let to = tempfile::tempdir().expect("a folder");
    for entry in walkdir::WalkDir::new(&from) {
        let entry = entry.expect("an entry");
        let inside = entry.path().strip_prefix(&from).expect("below");
        let target = to.path().join(inside);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
        } else {
            std::fs::copy(entry.path(), &target).expect("a file");
        }
    }
    to
}

async fn view_of(state: &Path) -> (Store, View) {
    let url = format!("sqlite://{}", state.join("countersign.db").display());
    let store = Store::open(&url, Arc::new(|| 1_795_700_000_000))
        .await
        .expect("the old database opens");
    let run: RunId = RUN.parse().expect("a run");
    let events = store.events(&run, 0).await.expect("the old log reads");
    assert_eq!(events.len(), 98);
    let view = View::of(&events);
    (store, view)
}

/// What that version found, and by which name this one finds the same.
const RENAMED: [(&str, &str); 1] = [
    // An entry whose hash was taken out: the old name was milder, and said of an edited one as well.
    ("hash-mismatch", "fixture-request-weakened"),
];

/// What this version finds besides.
const ADDED: [(&str, &str); 1] = [
    // "The test suite passes", where no test was ever run.
    ("google-calendar/share-calendar", "claims-against-results"),
];

/// Verdict and names of findings, by interaction.
fn judged<'a>(
    judgements: impl Iterator<Item = &'a Judgement>,
) -> Vec<(String, Verdict, BTreeSet<String>)> {
    let today = |name: &str| {
        let mut renamed = RENAMED.iter();
        let found = renamed.find(|(then, _)| *then == name);
        found.map_or(name, |(_, now)| *now).to_owned()
    };
    let mut rows: Vec<_> = judgements
        .map(|one| {
            let rules = one.findings.iter().map(|finding| today(&finding.rule));
            (one.interaction.to_string(), one.verdict, rules.collect())
        })
        .collect();
    rows.sort();
    rows
}

#[tokio::test]
async fn an_old_log_is_told_as_it_was() {
    let state = copy();
    let (store, view) = view_of(state.path()).await;
    assert!(
        matches!(view.ending, Some(Ending::Finished)),
        "{:?}",
        view.ending
    );
    assert!(matches!(
        view.settlement,
        Some(Settlement::Committed { .. })
    ));
    let verdicts: Vec<(String, Verdict)> = judged(view.judgements())
        .into_iter()
        .map(|(key, verdict, _)| (key, verdict))
        .collect();
    let expected = [
        ("google-calendar/create-event", Verdict::Countersigned),
        ("google-calendar/share-calendar", Verdict::Refused),
        ("slack/list-channels", Verdict::Refused),
        ("slack/users", Verdict::Countersigned),
    ];
    assert_eq!(
        verdicts,
        expected.map(|(key, verdict)| (key.to_owned(), verdict))
    );
    let told = summary::render(&view, &Links { page: None });
    assert!(told.contains("2 refused, 2 countersigned"), "{told}");
    store.close().await;
}

#[tokio::test]
async fn old_dossiers_are_judged_alike() {
    let state = copy();
    let (store, view) = view_of(state.path()).await;
    store.close().await;
    let dossiers = Dossiers::open(state.path()).expect("the old evidence opens");
    let today: Vec<Judgement> = view
        .judgements()
        .map(|one| judge(&dossiers.get(&one.dossier).expect("an old dossier opens")))
        .collect();
    let mut then = judged(view.judgements());
    for (interaction, name) in ADDED {
        let mut rows = then.iter_mut();
        let row = rows.find(|(key, ..)| key == interaction);
        row.expect("an interaction").2.insert(name.to_owned());
    }
    assert_eq!(judged(today.iter()), then);
    // Quotations show the workspace's paths as the agent knew them, not where that server kept its folders.
    for one in &today {
        let told = serde_json::to_string(one).expect("JSON");
        assert!(!told.contains("/state/runs/"), "{told}");
    }
}
