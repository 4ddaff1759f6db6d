//! A run that somebody asks about and then stops in a comment, and strangers who may ask and may not stop it.

use std::fmt::Display;
use std::time::Duration;

use countersign::domain::beginning::Start;
use countersign::domain::ending::{CancelReason, Ending};
use countersign_standin::github::Role;
use countersign_standin::model::{Scenario, Script};
use countersign_standin::names::Sha;

use crate::support::story::{Story, changes, create_event};

const KEY: &str = "google-calendar/create-event";
const SPEC: &str = "interactions/google-calendar/create-event.yaml";

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

    // At a line the interaction is known, and a review is as good a place as any.
    let line = github.remark(&story.repo, number, "ada", (SPEC, 2), "Why?\n\n/explain");
    let line = line.expect("a remark");
    let at_line = answer_to(&story, number, format!("line-{line}")).await;
    assert_eq!(
        at_line,
        told.replace(&asked.to_string(), &format!("line-{line}"))
    );
    let remarks = github.review_comments(&story.repo, number);
    let remark = remarks
        .expect("remarks")
        .into_iter()
        .find(|one| one.id == line);
    let given = remark.expect("the remark").reactions;
    assert_eq!(given[0].content, "eyes");
    let by_review = |by: &str, words: &str| {
        let said = github.review(&story.repo, number, by, words);
        said.expect("a review")
    };
    let refused = by_review("rita", "/retry");
    let review = by_review("rita", "/status");
    let told = answer_to(&story, number, format!("review-{review}")).await;
    assert!(told.contains(KEY) && told.contains("stopped"), "{told}");
    let reviews = github.reviews(&story.repo, number).expect("reviews");
    for (id, expected) in [(refused, 0), (review, 1)] {
        let found = reviews.iter().find(|one| one.id == id);
        assert_eq!(found.expect("a review").reactions.len(), expected);
    }
    story.quiet().await;
    assert_eq!(story.runs(number).await.len(), 1, "nothing was begun anew");

    // The same by buttons.
    let endless = Script::new().say("…").after(Duration::from_secs(3600));
    story.model.play(Scenario::new(KEY, endless));
    let before = story.asked(KEY);
    let press = |by: &str, button: &str| {
        let check = story.check(&head).id;
        let pressed = github.press_action(&story.repo, check, button, by);
        pressed.expect("a press");
    };
    assert_eq!(buttons(&story, &head), ["retry", "retry-clean"]);
    press("rita", "retry-clean");
    press("ada", "retry-clean");
    story
        .until("another agent", async |story| story.asked(KEY) > before)
        .await;
    story
        .until("the other button", async |story| {
            buttons(story, &head) == ["cancel"]
        })
        .await;
    press("ada", "cancel");
    let view = story.views(number, 2).await.remove(1);
    let reason = CancelReason::Pressed { by: "ada".into() };
    assert_eq!(view.ending, Some(Ending::Cancelled { reason }));
    let cause = &view.request.as_ref().expect("a request").cause;
    assert_eq!(cause.asked_by(), Some("ada"));
    assert_eq!(cause.start(), &Start::Clean { of: vec![] });
    story.quiet().await;
    assert_eq!(story.runs(number).await.len(), 2);
    story.end();
}

/// What may be pressed at a commit's check.
fn buttons(story: &Story, head: &Sha) -> Vec<String> {
    let actions = story.check(head).actions.into_iter();
    actions.map(|action| action.identifier).collect()
}

/// What we said to a comment.
async fn answer_to(story: &Story, number: u64, comment: impl Display) -> String {
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
