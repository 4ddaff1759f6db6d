//! The log of a run: without gaps, and whatever the words.

use countersign::domain::event::Event;
use countersign::domain::name::{Digest, RunId};
use countersign::domain::plan::{Placed, Plan, Step};
use countersign::domain::project::{ProjectFolder, Projects};
use countersign::domain::row::State;
use countersign::domain::settings::{Commit, Mode};
use countersign::domain::spec::Kind;
use countersign::edge::store::AppendError;

use super::{begin, doing, request};
use crate::support::database::Database;
use crate::support::tools::spec;

on_both! {
    the_log_counts_without_gaps_under_many_writers
    earlier_runs_are_read_at_once_and_without_their_progress
    words_that_a_database_may_dislike_are_kept
}

async fn the_log_counts_without_gaps_under_many_writers(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let mut watcher = store.subscribe();
    let mut writers = Vec::new();
    for writer in 0..8 {
        let run = run.clone();
        let store = if writer % 2 == 0 {
            store.clone()
        } else {
            database.open().await
        };
        writers.push(tokio::spawn(async move {
            for line in 0..10 {
                let event = doing(&format!("{writer}: {line}"));
                store.append(&run, event, None).await.expect("appended");
            }
        }));
    }
    for writer in writers {
        writer.await.expect("the writer ends");
    }
    let events = store.events(&run, 0).await.expect("the log");
    let numbers: Vec<i64> = events.iter().map(|logged| logged.seq).collect();
    assert_eq!(numbers, (1..=81).collect::<Vec<i64>>());
    let tail = store.events(&run, 79).await.expect("the log");
    assert_eq!(tail, events[79..]);
    let (told, seq) = watcher.recv().await.expect("a wake-up");
    assert!(told == run && seq > 1);
    let unknown = RunId::from_cause(&["nothing"]);
    let error = store.append(&unknown, doing("x"), None).await;
    assert!(matches!(error, Err(AppendError::Unknown { .. })));
}

/// As when the server restarts: every connection breaks, again and again, some with a commit on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_and_comes_loses_nothing_and_doubles_nothing() {
    let database = Database::postgres();
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let mut writers = Vec::new();
    for writer in 0..8 {
        let (run, store) = (run.clone(), store.clone());
        writers.push(tokio::spawn(async move {
            for line in 0..40 {
                let event = doing(&format!("{writer}: {line}"));
                store.append(&run, event, None).await.expect("appended");
            }
        }));
    }
    let mut broken = 0;
    while writers.iter().any(|writer| !writer.is_finished()) {
        broken += database.breaks_connections().await;
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    }
    for writer in writers {
        writer.await.expect("the writer ends");
    }
    assert!(broken > 8, "{broken} connections broke");
    let events = store.events(&run, 1).await.expect("the log");
    let mut all: Vec<String> = events
        .iter()
        .map(|logged| format!("{:?}", logged.event))
        .collect();
    assert_eq!(all.len(), 320);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 320);
}

async fn words_that_a_database_may_dislike_are_kept(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let words = "NUL \0, quote ', \u{1F600}, \u{FFFF}, $1 %s \\u0000";
    store.append(&run, doing(words), None).await.expect("kept");
    let events = store.events(&run, 1).await.expect("the log");
    assert_eq!(events[0].event, doing(words));
}

async fn earlier_runs_are_read_at_once_and_without_their_progress(database: Database) {
    let store = database.open().await;
    let (first, second) = (request(7, 'a'), request(7, 'b'));
    begin(&store, &first).await;
    let spec = spec("slack/post", Kind::Action, None);
    let begins = Placed::of(&spec);
    let step = Step::Build {
        fingerprint: Digest::of(b"what goes into it"),
        spec,
    };
    let planned = Event::Planned {
        plan: Plan {
            steps: vec![step],
            ..Plan::default()
        },
        merge_base: first.head().clone(),
        base: None,
        projects: Projects::one(ProjectFolder::named("nango-integrations")),
        commit: Commit::Countersigned,
        watched: Mode::Strict,
    };
    for event in [planned, doing("much"), doing("more")] {
        store.append(&first.run, event, None).await.expect("logged");
    }
    database.clock.advance(1);
    begin(&store, &second).await;
    begin(&store, &request(8, 'a')).await;

    let history = store.history("octo/app#7").await.expect("a history");
    let view = history.newest_for(first.head()).expect("the first run");
    assert_eq!(view.rows[0].state, State::Waiting, "progress was left out");
    assert_eq!(view.ending, None, "it was asked to stop");
    let begun = history.begun(&second.run);
    assert_eq!(begun, [begins].into());
    assert!(history.begun(&first.run).is_empty(), "not its own");
    let planned = history.newest_planned().expect("a run with a plan");
    assert_eq!(planned.request.expect("a request").run, first.run);
    let none = store.history("octo/app#9").await.expect("a history");
    assert!(none.newest_planned().is_none() && none.judged().is_empty());
}
