//! What people decide about single interactions: one is taken out while its agent works, one is left alone, and a finding is
//! overruled. No other agent ends for it, and none begins.

use std::time::Duration;

use countersign::domain::ending::Ending;
use countersign::domain::row::State;
use countersign::domain::verdict::Verdict;
use countersign::domain::view::View;
use countersign_standin::github::Role;
use countersign_standin::model::{Scenario, Script};

use crate::support::story::{EVENT_INPUT, Story, changes, event_agent, pushed, spec, states};

const GOOD: &str = "google-calendar/create-event";
const SLOW: &str = "google-calendar/create-slowly";
const STRAY: &str = "google-calendar/create-and-more";

fn verdict(view: &View, key: &str) -> Verdict {
    let row = view.rows.iter().find(|row| row.key.to_string() == key);
    match &row.expect("a row").state {
        State::Judged { judgement } => judgement.verdict,
        other => panic!("{key}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_taken_out_one_is_left_alone_and_a_finding_is_overruled() {
    let endless = Script::new().say("…").after(Duration::from_secs(3600));
    let agents = vec![
        event_agent(
            GOOD,
            Script::new().say("First.").after(Duration::from_secs(4)),
        ),
        Scenario::new(SLOW, endless),
        event_agent(
            STRAY,
            Script::new().write("vitest.config.ts", "export default {};"),
        ),
    ];
    let story = Story::begin(agents, &[]).await;
    let github = &story.github;
    github
        .set_permission(&story.repo, "mia", Role::Maintain)
        .expect("a role");
    let input = format!("input: {EVENT_INPUT}\n");
    let files: Vec<(String, String)> = [GOOD, SLOW, STRAY]
        .iter()
        .flat_map(|key| spec(key, "action", &input))
        .collect();
    let head = story.push("events", &changes(&files));
    let number = story.open("events");
    let say = |by: &str, words: &str| {
        let said = github.comment(&story.repo, number, by, words);
        said.expect("a comment")
    };

    // One of three is taken out; the others come to their end, and what is good is committed.
    story
        .until("the agent's work", async |story| story.asked(SLOW) > 0)
        .await;
    let cancelled = say("ada", "/cancel create-slowly");
    let view = story.told(number, 1).await;
    let expected = [
        format!("{STRAY} refused"),
        format!("{GOOD} countersigned"),
        format!("{SLOW} called off"),
    ];
    assert_eq!(states(&view), expected, "{}", story.log_end());
    assert_eq!(view.ending, Some(Ending::Finished));
    let first = pushed(&view);
    assert_eq!(story.reactions(number, cancelled), ["eyes"]);
    story.quiet().await;
    let sticky = story.sticky(number);
    assert!(sticky.contains("ada took it out of this run"), "{sticky}");
    assert_eq!(story.check(&head).conclusion.as_deref(), Some("failure"));
    let idle = say("ada", "/cancel create-slowly");
    story
        .until("an answer", async |story| {
            let marker = format!("countersign:answer:{idle} ");
            let mut said = story.said(number).into_iter();
            said.any(|said| said.contains(&marker) && said.contains("nothing to cancel"))
        })
        .await;
    story.quiet().await;

    // The run of our own commit carries what is good. Nobody is asked to build again what is left alone.
    let runs = story.runs(number).await.len();
    let asked = || [GOOD, SLOW, STRAY].map(|key| story.asked(key));
    let before = asked();
    say("ada", "/skip create-slowly Not before *May* @everyone.");
    let view = story.told(number, runs + 1).await;
    let expected = [
        format!("{STRAY} refused"),
        format!("{GOOD} carried"),
        format!("{SLOW} skipped"),
    ];
    assert_eq!(states(&view), expected, "{}", story.log_end());
    assert_eq!(asked(), before, "no agent began");
    story.quiet().await;
    let sticky = story.sticky(number);
    assert!(
        sticky.contains("ada wants it left alone here: Not before"),
        "{sticky}"
    );

    // Who may push may not overrule; who maintains the repository may, and is named.
    let words = "/overrule forbidden-change create-and-more: We want that file.";
    say("ada", words);
    let view = story.told(number, runs + 2).await;
    assert_eq!(verdict(&view, STRAY), Verdict::Refused);
    let problems: Vec<&str> = view.problems.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(problems, ["overrule-refused"]);
    let overruled = say("mia", words);
    let view = story.told(number, runs + 3).await;
    assert_eq!(
        verdict(&view, STRAY),
        Verdict::Countersigned,
        "{}",
        story.log_end()
    );
    let second = pushed(&view);
    assert_ne!(first, second);
    assert!(
        story
            .file(
                &second,
                "nango-integrations/google-calendar/actions/create-and-more.ts"
            )
            .is_some()
    );
    assert!(
        story
            .file(
                &second,
                "nango-integrations/google-calendar/actions/create-slowly.ts"
            )
            .is_none()
    );
    assert_eq!(asked(), before, "no agent began");
    assert_eq!(story.reactions(number, overruled), ["eyes"]);
    story.quiet().await;

    // Asked for by name it is built.
    story.model.play(event_agent(SLOW, Script::new()));
    say("ada", "/retry create-slowly budget=0.50");
    let view = story.told(number, runs + 4).await;
    assert_eq!(
        verdict(&view, SLOW),
        Verdict::Countersigned,
        "{}",
        story.log_end()
    );
    let row = view.rows.iter().find(|row| row.key.to_string() == SLOW);
    let limits = row
        .and_then(|row| row.spec.as_ref())
        .expect("a spec")
        .limits;
    assert!((limits.usd - 0.5).abs() < 1e-9, "{limits:?}");
    // What was overruled stays so where it is carried.
    let expected = [
        format!("{STRAY} carried"),
        format!("{GOOD} carried"),
        format!("{SLOW} countersigned"),
    ];
    assert_eq!(states(&view), expected);
    pushed(&view);
    story.end();
}
