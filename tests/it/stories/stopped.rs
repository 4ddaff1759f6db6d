//! A run that somebody asks about and then stops in a comment, and strangers who may ask and may not stop it.

use std::time::Duration;

use countersign::domain::ending::{CancelReason, Ending};
use countersign_standin::github::Role;
use countersign_standin::model::{Scenario, Script};

use crate::support::story::{Story, changes, create_event};

const KEY: &str = "google-calendar/create-event";

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_may_ask_and_who_may_push_may_stop() {
    let endless = Script::new().say("…").after(Duration::from_secs(3600));
    let story = Story::begin(vec![Scenario::new(KEY, endless)], &[]).await;
    let github = &story.github;
    github
        .set_permission(&story.repo, "rita", Role::Read)
        .expect("a role");
    let head = story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");
    story
        .until("the agent's work", async |story| story.asked(KEY) > 0)
        .await;
    let say = |by: &str, words: &str| {
        let said = github.comment(&story.repo, number, by, words);
        said.expect("a comment")
    };
    let refused = say("rita", "/cancel");
    let asked = say("rita", "/status");
    let told = answer_to(&story, number, asked).await;
    assert!(told.contains(KEY) && told.contains("working"), "{told}");
    assert_eq!(story.reactions(number, asked), ["eyes"]);
    assert_eq!(story.reactions(number, refused), [""; 0]);
    assert_ne!(story.check(&head).status, "completed");

    let stopped = say("ada", "/cancel");
    let view = story.views(number, 1).await.remove(0);
    let reason = CancelReason::Command { by: "ada".into() };
    assert_eq!(view.ending, Some(Ending::Cancelled { reason }));
    assert_eq!(story.reactions(number, stopped), ["eyes"]);
    assert_eq!(story.check(&head).conclusion.as_deref(), Some("cancelled"));
    assert!(
        story.sticky(number).contains("/cancel"),
        "{}",
        story.sticky(number)
    );

    let asked = say("ada", "/explain create-event");
    let told = answer_to(&story, number, asked).await;
    assert!(told.contains(KEY), "{told}");
    story.quiet().await;
    assert_eq!(story.runs(number).await.len(), 1, "nothing was begun anew");
    story.end();
}

/// What we said to a comment.
async fn answer_to(story: &Story, number: u64, comment: u64) -> String {
    let marker = format!("countersign:answer:{comment} ");
    let ours = |story: &Story| {
        let said = story.said(number).into_iter();
        said.filter(|said| said.contains(&marker))
            .collect::<Vec<_>>()
    };
    story
        .until("an answer", async |story| !ours(story).is_empty())
        .await;
    ours(story).remove(0)
}
