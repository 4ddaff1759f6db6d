//! A test account on which nothing may be written twice. What the agent's run wrote is not written again by ours: the
//! answer comes from the tape, or the function is not checked.

use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};
use countersign_standin::nango::function;

use crate::support::story::{EVENT_INPUT, Story, changes, pushed, spec, states};

const LEFT_ALONE: &str = "google-calendar/is-left-alone";
const TOUCHED: &str = "google-calendar/touched-later";
const EVENTS: &str = "/proxy/calendar/v3/calendars/primary/events";

fn agent(key: &str, then: impl FnOnce(Script) -> Script) -> Scenario {
    let place = key.replacen('/', "/actions/", 1) + ".ts";
    let source = function("google-calendar/actions/create-event.ts").expect("an example");
    let dry_run = dry_run(key, Some(EVENT_INPUT));
    let script = Script::new().write(&place, source).bash(&dry_run);
    let done = report("done", "It creates an event.", &[&dry_run]);
    Scenario::new(key, then(script).say(done))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_twice() {
    let touch = |script: Script| script.bash("touch google-calendar/actions/touched-later.ts");
    let agents = vec![agent(LEFT_ALONE, |script| script), agent(TOUCHED, touch)];
    let settings = (".github/countersign.yml", Some("writes: once\n"));
    let story = Story::begin(agents, &[settings]).await;
    let input = format!("input: {EVENT_INPUT}\n");
    let files: Vec<(String, String)> = [LEFT_ALONE, TOUCHED]
        .iter()
        .flat_map(|key| spec(key, "action", &input))
        .collect();
    story.push("writes", &changes(&files));
    let number = story.open("writes");

    let view = story.views(number, 1).await.remove(0);
    assert_eq!(
        states(&view),
        [
            format!("{LEFT_ALONE} countersigned"),
            format!("{TOUCHED} needs a look"),
        ]
    );
    let found = |key: &str| {
        let key = key.parse().expect("a key");
        let judgement = view.judgements().find(|one| one.interaction == key);
        judgement.expect("a judgement").findings.clone()
    };
    let told = found(LEFT_ALONE);
    assert_eq!(told[0].rule, "replayed-writes", "{told:#?}");
    let told = found(TOUCHED);
    assert_eq!(told[0].rule, "not-checked", "{told:#?}");
    assert!(told[0].sentence.contains("`writes: once`"), "{told:#?}");

    // Each agent created one event, and nobody another.
    let seen = story.nango.seen();
    let created = seen
        .iter()
        .filter(|one| one.method == "POST" && one.path == EVENTS);
    assert_eq!(created.count(), 2);
    // What is committed holds the answer that the agent's run got.
    let path = "nango-integrations/google-calendar/tests/is-left-alone.test.json";
    let recording = story.file(&pushed(&view), path).expect("a recording");
    assert!(recording.contains("htmlLink"), "{recording}");
    story.end();
}
