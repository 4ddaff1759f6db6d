//! Many machines on one pull request, with everything real: PostgreSQL, Temporal, a bucket, a server and three workers, each
//! with its own folder and agents. In the middle one worker dies, and the server and another are told to end.

use std::collections::{BTreeMap, BTreeSet};

use countersign::domain::event::Event;
use countersign_standin::model::Script;
use countersign_standin::names::Sha;
use countersign_standin::nango::CANARY_TOKEN;
use countersign_standin::testbed::NANGO_SECRET;
use countersign_standin::worker_process::WorkerProcess;

use crate::support::bucket::{self, Bucket};
use crate::support::collector::Collector;
use crate::support::database::Database;
use crate::support::engine::EngineServer;
use crate::support::processes::{Process, below};
use crate::support::story::{EVENT_INPUT, Story, changes, event_agent, pushed, spec, states};

/// Interactions of the pull request.
const NUMBER: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_ends_of_four_machines_the_last_does_what_is_left() {
    let database = tokio::task::spawn_blocking(Database::postgres).await;
    let database = database.expect("a database");
    database.open().await.close().await;
    let engine = EngineServer::start().await;
    let bucket = Bucket::start().await;
    let collector = Collector::start().await;
    let mut env: BTreeMap<String, String> = bucket.env("team");
    for (name, value) in [
        ("DATABASE_URL", database.url.as_str()),
        ("COUNTERSIGN_ENGINE", &engine.url()),
        ("COUNTERSIGN_BEAT_LOST_SECONDS", "8"),
        ("COUNTERSIGN_BUILDS", "1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
    ] {
        env.insert(name.to_owned(), value.to_owned());
    }
    let keys: Vec<String> = (0..NUMBER)
        .map(|n| format!("google-calendar/create-event-{n}"))
        .collect();
    let agents = keys
        .iter()
        .map(|key| event_agent(key, Script::new()))
        .collect();
    let mut story = Story::with_env(agents, &[], env).await;
    story.serve().await.expect("the server starts");
    let mut workers = Vec::new();
    for name in ["one", "two", "three"] {
        workers.push(story.work(name).expect("it starts"));
    }
    let input = format!("input: {EVENT_INPUT}\n");
    let files: Vec<(String, String)> = keys
        .iter()
        .flat_map(|key| spec(key, "action", &input))
        .collect();
    let head = story.push("many", &changes(&files));
    let number = story.open("many");

    // All have a part. Then somebody dies with a build in hand.
    story
        .until("agents on every machine", async |_| {
            let has = |worker: &WorkerProcess| {
                worker
                    .pid()
                    .is_some_and(|pid| below(pid).iter().any(is_agent))
            };
            workers.iter().all(has)
        })
        .await;
    story
        .until("builds have ended", async |story| {
            let runs = story.runs(number).await;
            let Some(run) = runs.first() else {
                return false;
            };
            story
                .view(&run.run)
                .await
                .rows
                .iter()
                .filter(|row| row.has_ended())
                .count()
                > 2
        })
        .await;
    workers[0].kill().await;
    // Whoever drives the run, and it may be each of them, hands it on when it is told to end.
    story.stop().await.expect("the server ends");
    workers[1].stop().await.expect("it ends");
    let view = story.told(number, 1).await;
    let all: Vec<String> = states(&view);
    let signed = all.iter().filter(|state| state.ends_with(" countersigned"));
    assert_eq!(signed.count(), NUMBER, "{all:#?}\n{}", story.log_end());
    let commit: Sha = pushed(&view);
    let commits = story.github.commits_between(&story.repo, &head, &commit);
    assert_eq!(commits.expect("commits").len(), 1);
    story.quiet().await;
    assert_eq!(story.said(number).len(), 1, "one summary");
    assert_eq!(story.reviewed(number).len(), 1, "one review");
    assert_eq!(story.checks_on(&head), 1);

    // Each dossier lies in the bucket, and none on a machine. One that a machine put there just before it ended, so that
    // nothing was written of it, is nobody's: at most one of each machine that ends.
    let dossiers: BTreeSet<String> = bucket.names("team/dossiers").into_iter().collect();
    let runs = story.runs(number).await;
    let store = story.store().await;
    let events = store.events(&runs[0].run, 0).await.expect("a log");
    store.close().await;
    let sealed: Vec<&str> = events
        .iter()
        .filter_map(|logged| match &logged.event {
            Event::Sealed { dossier, .. } => Some(dossier.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(sealed.len(), NUMBER, "each once");
    for dossier in sealed {
        let is_it = |name: &String| name.contains(dossier);
        assert!(dossiers.iter().any(is_it), "{dossier} in {dossiers:?}");
    }
    assert!(dossiers.len() <= NUMBER + 3, "{dossiers:?}");
    workers[2].stop().await.expect("it ends");
    for worker in &workers {
        let log = worker.log();
        assert!(!log.contains("panicked"), "{log}");
    }

    // Whoever operates the machines can follow what they did, and reads nothing secret.
    for words in [
        "countersign",
        "run",
        "build",
        "attempt",
        "report",
        "interaction",
        keys[0].as_str(),
    ] {
        assert!(collector.holds(words), "{words}");
    }
    for secret in [NANGO_SECRET, CANARY_TOKEN, bucket::SECRET] {
        assert!(!collector.holds(secret));
    }
    story.end();
}

fn is_agent(process: &Process) -> bool {
    process.command.contains("opencode")
}
