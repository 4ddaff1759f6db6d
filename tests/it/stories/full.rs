//! The machine cannot lay out a workspace, as when its disk is full: that is told in its own words, after so many tries as any.

use countersign::domain::attempt_fault::AttemptFault;
use countersign::domain::ending::Ending;
use countersign::domain::limits;
use countersign::domain::row::State;

use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest};

const KEY: &str = "google-calendar/create-event";

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_room_is_told_as_ours() {
    let agents = vec![honest(KEY, "action", Some(EVENT_INPUT))];
    let story = Story::begin(agents, &[]).await;
    let runs = story.state().join("runs");
    std::fs::remove_dir_all(&runs).expect("it is there");
    std::fs::write(&runs, "in the way").expect("a file");
    story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");
    let view = story.told(number, 1).await;
    assert_eq!(view.ending, Some(Ending::Finished));
    let row = view.row(&KEY.parse().expect("a key")).expect("a row");
    let State::GivenUp { cause, fault } = &row.state else {
        panic!("{:?}", row.state)
    };
    assert_eq!(*cause, AttemptFault::Ours);
    assert_eq!((row.attempts, row.unended), (limits::ATTEMPTS, 0));
    assert!(
        fault.contains("could not") && !fault.contains("died"),
        "{fault}"
    );
    assert_eq!(story.asked(KEY), 0, "no agent was asked");
    story.end();
}
