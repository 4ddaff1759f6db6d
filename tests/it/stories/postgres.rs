//! The log lies in PostgreSQL, whose server breaks every connection again and again while a function is built: as when it is
//! restarted. Nothing is lost, nothing is done twice.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use countersign_standin::names::Sha;

use crate::support::database::Database;
use crate::support::story::{EVENT_INPUT, PATIENCE, Story, changes, create_event, honest};

const KEY: &str = "google-calendar/create-event";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_restarts_stops_nothing() {
    let database = tokio::task::spawn_blocking(Database::postgres).await;
    let database = database.expect("a database");
    // Whoever opens it first makes the tables.
    database.open().await.close().await;
    let agents = vec![honest(KEY, "action", Some(EVENT_INPUT))];
    let env = BTreeMap::from([("DATABASE_URL".to_owned(), database.url.clone())]);
    let mut story = Story::with_env(agents, &[], env).await;
    story.serve().await.expect("the server starts");
    let head = story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");

    let is_told = |story: &Story, head: &Sha| {
        let checks = story.github.check_runs(&story.repo).expect("checks");
        let mut of_head = checks.iter().filter(|check| &check.head == head);
        of_head.any(|check| check.status == "completed")
    };
    let began = Instant::now();
    let mut broken = 0;
    while !is_told(&story, &head) {
        assert!(began.elapsed() < PATIENCE, "{}", story.log_end());
        broken += database.breaks_connections().await;
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    assert!(broken > 3, "{broken} connections broke");
    // What is left to tell is told.
    story
        .until("the review", async |story| {
            let reviews = story.github.reviews(&story.repo, number);
            !reviews.expect("reviews").is_empty()
        })
        .await;
    let tip = story.github.pull(&story.repo, number).expect("a pull");
    let commits = story.github.commits_between(&story.repo, &head, &tip.head);
    assert_eq!(commits.expect("commits").len(), 1, "{}", story.log_end());
    assert_eq!(story.check(&head).conclusion.as_deref(), Some("success"));
    assert_eq!(story.said(number).len(), 1, "one summary");
    assert_eq!(story.asked(KEY), 3, "no agent began anew");
    assert!(!story.log_end().contains("it is given up"));
    story.stop().await.expect("the server ends");
    story.end();
}
