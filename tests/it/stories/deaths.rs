//! One build brings its process down, again and again: it alone is given up.

use countersign::domain::attempt_fault::AttemptFault;
use countersign::domain::ending::Ending;
use countersign::domain::limits;
use countersign::domain::row::State;
use countersign_standin::model::{Scenario, Script};

use crate::support::processes::server_of;
use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, spec, states};

const DEADLY: &str = "slack/users";
const HONEST: &str = "google-calendar/create-event";

#[tokio::test(flavor = "multi_thread")]
async fn what_brings_its_process_down_is_given_up_alone() {
    let deadly = Script::new().bash("sleep 1000").say("never");
    let agents = vec![
        honest(HONEST, "action", Some(EVENT_INPUT)),
        Scenario::new(DEADLY, deadly),
    ];
    let mut story = Story::begin(agents, &[]).await;
    let mut files = create_event();
    files.extend(spec(DEADLY, "sync", ""));
    story.push("both", &changes(&files));
    let number = story.open("both");

    // Told to end while it is at work: nobody's death.
    let unended = async |story: &Story| {
        let run = story.runs(number).await.remove(0).run;
        let view = story.view(&run).await;
        view.row(&DEADLY.parse().expect("a key"))
            .expect("a row")
            .unended
    };
    story
        .until("the deadly one at work", async |story| {
            story.asked(DEADLY) > 0
        })
        .await;
    assert_eq!(unended(&story).await, 1, "it is at work");
    story.stop().await.expect("the server ends");
    assert_eq!(unended(&story).await, 0);
    story.serve().await.expect("the server starts again");

    for death in 1..=limits::BUILD_DEATHS {
        let asked = if death == 1 { 1 } else { story.asked(DEADLY) };
        let said = format!("attempt {death} of the deadly one");
        story
            .until(&said, async |story| story.asked(DEADLY) > asked)
            .await;
        let run = story.runs(number).await.remove(0).run;
        let view = story.view(&run).await;
        let row = |key: &str| view.row(&key.parse().expect("a key")).expect("a row");
        assert_eq!(row(DEADLY).unended, death);
        if death > limits::BUILD_DEATHS_TOGETHER {
            assert!(row(HONEST).has_ended(), "nothing is built beside it");
        }
        server_of(story.state()).expect("a server").kill();
        story.kill().await;
        story.serve().await.expect("the server starts again");
    }

    let view = story.told(number, 1).await;
    assert_eq!(view.ending, Some(Ending::Finished));
    let mut states = states(&view);
    states.retain(|state| state.ends_with(" countersigned"));
    assert_eq!(states, [format!("{HONEST} countersigned")]);
    let row = view.row(&DEADLY.parse().expect("a key")).expect("a row");
    match &row.state {
        State::GivenUp { cause, fault } => {
            assert_eq!(*cause, AttemptFault::Ours);
            assert!(fault.contains("died 6 times"), "{fault}");
        }
        other => panic!("{other:?}"),
    }
    assert!(view.pushed().is_some(), "what is good is committed");
    story.end();
}
