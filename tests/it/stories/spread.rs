//! What another process with a core of its own brings, measured with real builds.
//!
//! `cargo test --features temporal --test it measures_processes_of_one_core -- --ignored --nocapture`

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

use countersign_standin::model::Script;

use crate::support::bucket::Bucket;
use crate::support::database::Database;
use crate::support::engine::EngineServer;
use crate::support::processes::below;
use crate::support::story::{EVENT_INPUT, Story, changes, event_agent, spec, states};

/// Interactions of the pull request; COUNTERSIGN_TEST_BUILDS says another number.
const NUMBER: usize = 40;
/// Builds at once on each process.
const BUILDS: &str = "4";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, and nothing else may run beside it"]
async fn measures_processes_of_one_core() {
    let number = std::env::var("COUNTERSIGN_TEST_BUILDS");
    let number = number.map_or(NUMBER, |number| number.parse().expect("a number"));
    println!("{number} real builds, {BUILDS} at once on a process, a core for each process");
    println!("in process: {:.1} s", alone(number).await);
    for processes in 1..=2 {
        let took = spread(number, processes).await;
        println!("Temporal, {processes} processes: {took:.1} s");
    }
}

async fn alone(number: usize) -> f64 {
    let mut story = story(number, BTreeMap::new()).await;
    story.serve().await.expect("the server starts");
    pin(story.pid(), 0);
    let took = told(&story, number).await;
    story.stop().await.expect("the server ends");
    story.end();
    took
}

async fn spread(number: usize, processes: usize) -> f64 {
    let database = tokio::task::spawn_blocking(Database::postgres).await;
    let database = database.expect("a database");
    database.open().await.close().await;
    let engine = EngineServer::start().await;
    let bucket = Bucket::start().await;
    let mut env = bucket.env("team");
    for (name, value) in [
        ("DATABASE_URL", database.url.as_str()),
        ("COUNTERSIGN_ENGINE", &engine.url()),
    ] {
        env.insert(name.to_owned(), value.to_owned());
    }
    let mut story = story(number, env).await;
    story.serve().await.expect("the server starts");
    pin(story.pid(), 0);
    let mut workers = Vec::new();
    for core in 1..processes {
        let worker = story.work(&format!("w{core}")).expect("it starts");
        pin(worker.pid(), core);
        workers.push(worker);
    }
    let took = told(&story, number).await;
    for worker in &mut workers {
        worker.stop().await.expect("it ends");
    }
    story.stop().await.expect("the server ends");
    story.end();
    took
}

async fn story(number: usize, mut env: BTreeMap<String, String>) -> Story {
    env.insert("COUNTERSIGN_BUILDS".to_owned(), BUILDS.to_owned());
    let agents = keys(number)
        .iter()
        .map(|key| event_agent(key, Script::new()))
        .collect();
    Story::with_env(agents, &[], env).await
}

/// Seconds from opening the pull request to its report.
async fn told(story: &Story, number: usize) -> f64 {
    let input = format!("input: {EVENT_INPUT}\n");
    let keys = keys(number);
    let files: Vec<_> = keys
        .iter()
        .flat_map(|key| spec(key, "action", &input))
        .collect();
    story.push("many", &changes(&files));
    let began = Instant::now();
    let pull = story.open("many");
    let view = story.told(pull, 1).await;
    let took = began.elapsed().as_secs_f64();
    let states = states(&view);
    let signed = states.iter().filter(|one| one.ends_with(" countersigned"));
    assert_eq!(signed.count(), number, "{states:#?}");
    took
}

fn keys(number: usize) -> Vec<String> {
    (0..number)
        .map(|n| format!("google-calendar/create-event-{n}"))
        .collect()
}

/// What a process starts runs on that core, as it does itself. What it had started before is pinned as well: all programs are
/// started by a process that is there from the beginning.
fn pin(process: Option<u32>, core: usize) {
    let process = process.expect("it runs");
    let core = core.to_string();
    let started = below(process).into_iter().map(|process| process.pid);
    for pid in [process].into_iter().chain(started) {
        let pinned = Command::new("taskset")
            .args(["-apc", &core, &pid.to_string()])
            .output()
            .expect("taskset is there");
        assert!(pinned.status.success(), "{pinned:?}");
    }
}
