//! Webhooks that do not arrive: while the server is down, and where GitHub cannot reach it at all.

use std::collections::BTreeMap;
use std::time::Duration;

use countersign::domain::ending::Ending;
use countersign_standin::github::{FaultKind, Sent};

use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, pushed};

/// More than there are while the story lasts, one a second.
const LOOKS: usize = 2_000;
const KEY: &str = "google-calendar/create-event";

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_arrive_is_fetched() {
    let every: BTreeMap<String, String> =
        [("COUNTERSIGN_MISSED_SECONDS".to_owned(), "1".to_owned())].into();
    let agent = || honest(KEY, "action", Some(EVENT_INPUT));
    let mut story = Story::with_env(vec![agent()], &[], every).await;
    story.serve().await.expect("the server starts");
    story
        .until("a look", async |story| {
            let asked = story.github.requests();
            asked.iter().any(|one| one.path == "/app/hook/deliveries")
        })
        .await;

    // While it is down, a pull request is opened.
    story.stop().await.expect("it ends");
    let before = story.github.deliveries().len();
    story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");
    assert!(
        story
            .github
            .deliveries_settled(Duration::from_secs(30))
            .await
    );
    // The first of them GitHub does not give any more, however often it is asked; the others come all the same.
    let sent = story.github.deliveries();
    let lost = sent[before..]
        .iter()
        .filter(|one| matches!(one.sent, Sent::Failed { .. }));
    let lost = lost.map(|one| one.id).min().expect("it did not arrive");
    let lost = format!("/app/hook/deliveries/{lost}");
    for _ in 0..LOOKS {
        story.github.fail_next("GET", &lost, FaultKind::Status(404));
    }
    story.serve().await.expect("the server starts");
    let view = story.told(number, 1).await;
    assert_eq!(view.ending, Some(Ending::Finished));
    pushed(&view);
    story.quiet().await;
    assert_eq!(story.runs(number).await.len(), 1);

    // Where there is no way to it, it hears of everything all the same, and of nothing twice.
    story.github.set_webhook_url(None);
    let asked = story.github.comment(&story.repo, number, "ada", "/status");
    let asked = asked.expect("a comment");
    let marker = format!("countersign:answer:{asked} ");
    let answers = |story: &Story| {
        let said = story.said(number).into_iter();
        said.filter(|said| said.contains(&marker)).count()
    };
    story
        .until("an answer", async |story| answers(story) > 0)
        .await;
    let looks = |story: &Story| {
        let asked = story.github.requests().into_iter();
        asked
            .filter(|one| one.path == "/app/hook/deliveries")
            .count()
    };
    let before = looks(&story);
    story
        .until("two more looks", async |story| looks(story) > before + 1)
        .await;
    story.quiet().await;
    assert_eq!(answers(&story), 1);
    assert_eq!(story.runs(number).await.len(), 1);
    assert_eq!(story.reactions(number, asked), ["eyes"]);
    story.end();
}
