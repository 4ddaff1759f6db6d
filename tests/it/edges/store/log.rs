//! The log of a run: without gaps, and by nobody who lost it.

use countersign::domain::ending::Ending;
use countersign::domain::event::Event;
use countersign::domain::limits;
use countersign::domain::name::{Digest, RunId};
use countersign::domain::plan::{Placed, Plan, Step};
use countersign::domain::project::{ProjectFolder, Projects};
use countersign::domain::settings::{Commit, Mode};
use countersign::domain::spec::Kind;
use countersign::domain::view::State;
use countersign::edge::store::{AppendError, NewJob, job};
use serde_json::{Value, json};

use super::{WORK, begin, claimed, doing, request, seconds};
use crate::support::database::Database;
use crate::support::tools::spec;

on_both! {
    the_log_counts_without_gaps_under_many_writers
    a_worker_that_lost_its_lease_writes_nothing
    progress_is_reported_together_and_results_at_once
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

async fn a_worker_that_lost_its_lease_writes_nothing(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let old = claimed(&store, "zombie", &[job::RUN]).await;
    let logged = store.append(&run, doing("one"), Some(&old)).await;
    assert_eq!(logged.expect("ours").seq, 2);
    database.clock.advance(seconds(limits::LEASE_SECONDS));
    let new = claimed(&store, "other", &[job::RUN]).await;
    let fenced = store.append(&run, doing("two"), Some(&old)).await;
    assert!(
        matches!(fenced, Err(AppendError::Fenced { .. })),
        "{fenced:?}"
    );
    let logged = store.append(&run, doing("three"), Some(&new)).await;
    assert_eq!(logged.expect("ours").seq, 3);
    store.finish(&new).await.expect("finished");
    let after = store.append(&run, doing("four"), Some(&new)).await;
    assert!(
        matches!(after, Err(AppendError::Fenced { .. })),
        "{after:?}"
    );
    assert_eq!(store.events(&run, 0).await.expect("the log").len(), 3);
}

async fn progress_is_reported_together_and_results_at_once(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let report = || async { store.claim("reporter", &[job::REPORT]).await.expect("ok") };
    let first = report().await.expect("the beginning is reported at once");
    store.finish(&first).await.expect("finished");
    for line in 0..5 {
        let event = doing(&format!("line {line}"));
        store.append(&run, event, None).await.expect("appended");
    }
    assert_eq!(report().await, None);
    database.clock.advance(limits::REPORT_COALESCE_MS);
    let second = report().await.expect("one report of all five");
    store.append(&run, doing("more"), None).await.expect("ok");
    store.finish(&second).await.expect("finished");
    assert_eq!(report().await, None);
    let ended = Event::Ended {
        ending: Ending::Finished,
    };
    store.append(&run, ended, None).await.expect("appended");
    let third = report().await.expect("the end is reported at once");
    store.finish(&third).await.expect("finished");
    database.clock.advance(limits::REPORT_COALESCE_MS);
    assert_eq!(report().await, None);
}

async fn words_that_a_database_may_dislike_are_kept(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let words = "NUL \0, quote ', \u{1F600}, \u{FFFF}, $1 %s \\u0000";
    store.append(&run, doing(words), None).await.expect("kept");
    let events = store.events(&run, 1).await.expect("the log");
    assert_eq!(events[0].event, doing(words));
    let payload: Value = json!({ "text": words, "float": 0.1, "large": u64::MAX });
    let job = NewJob::new("work", payload.clone());
    store.enqueue(&job).await.expect("enqueued");
    let lease = claimed(&store, "worker", WORK).await;
    assert_eq!(lease.payload, payload);
    let long = format!("\0{}", "ä".repeat(2 * limits::NOTE_CHARS));
    store.fail(&lease, &long, None).await.expect("failed");
    let dead = store.dead(WORK).await.expect("a list");
    assert_eq!(dead[0].error, "ä".repeat(limits::NOTE_CHARS));
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
    assert!(matches!(view.ending, Some(Ending::Superseded { .. })));
    let begun = history.begun(&second.run);
    assert_eq!(begun, [begins].into());
    assert!(history.begun(&first.run).is_empty(), "not its own");
    let planned = history.newest_planned().expect("a run with a plan");
    assert_eq!(planned.request.expect("a request").run, first.run);
    let none = store.history("octo/app#9").await.expect("a history");
    assert!(none.newest_planned().is_none() && none.judged().is_empty());
}
