//! What was countersigned before is judged again by the rules of today before it is carried.

use countersign::domain::event::Event;
use countersign::domain::plan::Signed;
use countersign::domain::row::State;

use crate::support::story::{
    EVENT_INPUT, Story, changes, create_event, honest, liar, spec, states,
};

const EVENT: &str = "google-calendar/create-event";
const CHANNELS: &str = "slack/list-channels";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rules_of_today_refuse_is_not_carried_in_silence() {
    let agents = vec![
        honest(EVENT, "action", Some(EVENT_INPUT)),
        liar(CHANNELS, "action", Some("{}")),
    ];
    let story = Story::begin(agents, &[]).await;
    let mut files = create_event();
    files.extend(spec(CHANNELS, "action", "input: {}\n"));
    story.push("two", &changes(&files));
    let number = story.open("two");
    let first = story.views(number, 1).await.remove(0);
    let built = [
        format!("{EVENT} countersigned"),
        format!("{CHANNELS} refused"),
    ];
    assert_eq!(states(&first), built);

    // As if an earlier version, with fewer rules, had countersigned both.
    let store = story.store().await;
    let request = first.request.expect("a request");
    let events = store.events(&request.run, 0).await.expect("a log");
    for logged in events {
        if let Event::Judged {
            judgement,
            fingerprint,
            ..
        } = logged.event
        {
            let signed = Signed {
                interaction: judgement.interaction,
                fingerprint,
                dossier: judgement.dossier,
            };
            store.sign(&request.place(), &signed).await.expect("signed");
        }
    }
    store.close().await;
    let asked = story.model.requests().len();

    story.push("two", &[("other.txt", Some("other\n"))]);
    let second = story.views(number, 2).await.remove(1);
    assert_eq!(
        states(&second),
        [format!("{EVENT} carried"), format!("{CHANNELS} refused")]
    );
    let State::Judged { judgement } = &second.rows[1].state else {
        panic!("{:?}", second.rows[1]);
    };
    assert!(
        judgement
            .sentence
            .starts_with("It was countersigned before; judged again"),
        "{}",
        judgement.sentence
    );
    assert_eq!(story.model.requests().len(), asked, "no agent worked");
}
