//! A second function comes into a pull request: what the first run saw to be good and nobody changed is not verified again,
//! and what somebody changed is.

use countersign::domain::event::Event;

use crate::support::story::{
    EVENT_INPUT, Story, changes, create_event, honest, pushed, spec, states,
};

const EVENT: &str = "google-calendar/create-event";
const FUNCTION: &str = "nango-integrations/google-calendar/actions/create-event.ts";

/// How many files each run knew to be good, of those in which everything was.
async fn known(story: &Story, number: u64) -> Vec<usize> {
    let store = story.store().await;
    let mut known = Vec::new();
    for row in story.runs(number).await {
        let events = store.events(&row.run, 0).await.expect("events");
        known.extend(events.iter().filter_map(|one| match one.event {
            Event::WholeGood { known, .. } => Some(known),
            _ => None,
        }));
    }
    store.close().await;
    known
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_have_changed_is_verified_once() {
    let agents = vec![
        honest(EVENT, "action", Some(EVENT_INPUT)),
        honest("slack/users", "sync", None),
        honest("slack/list-channels", "action", Some("{}")),
    ];
    let story = Story::begin(agents, &[]).await;
    story.push("more", &changes(&create_event()));
    let number = story.open("more");
    pushed(&story.views(number, 1).await.remove(0));
    story.push("more", &changes(&spec("slack/users", "sync", "")));
    let second = story.views(number, 2).await.remove(1);
    assert!(states(&second).contains(&"slack/users countersigned".to_owned()));
    let commit = pushed(&second);
    // The function and its test.
    assert_eq!(known(&story, number).await, [0, 2]);

    // Somebody edits the first function; what its test says now counts.
    let text = story.github.file(&story.repo, &commit, FUNCTION);
    let text = text.expect("the commit").expect("it is there");
    let edited = text.replace("id: event.id,", "id: `edited-${event.id}`,");
    assert_ne!(text, edited);
    let mut files = spec("slack/list-channels", "action", "input: {}\n");
    files.push((FUNCTION.to_owned(), edited));
    story.push("more", &changes(&files));
    let third = story.views(number, 3).await.remove(2);
    assert!(
        states(&third).contains(&"slack/list-channels countersigned".to_owned()),
        "{:?}",
        states(&third)
    );
    // It fails before, too, so it keeps nobody from the commit; but it was run.
    assert_eq!(third.all_before().failures, 1, "{:#?}", third.all_before());
    assert_eq!(known(&story, number).await, [0, 2], "not all was good");
    story.end();
}
