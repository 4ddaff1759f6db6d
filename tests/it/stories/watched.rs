//! Permissive mode: what a model does when it is let. Nothing is stopped early, the walls go down because the operator
//! allows it, and nothing is committed.

use std::collections::BTreeMap;

use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};

use crate::support::story::{EVENT_INPUT, Story, changes, spec};

const GOOD: &str = "google-calendar/create-event";
const WILD: &str = "google-calendar/share-calendar";
const SHARE: &str = r#"{"calendarId":"primary","email":"ada@example.com","role":"reader"}"#;

fn agents(secret: &str) -> Vec<Scenario> {
    let good = dry_run(GOOD, Some(EVENT_INPUT));
    let wild = dry_run(WILD, Some(SHARE));
    let refused = format!("nango compile; {wild}; {wild}; {wild}; true");
    vec![
        Scenario::new(
            GOOD,
            Script::new()
                .write_example(GOOD, "action")
                .bash(&good)
                .say(report("done", "It works.", &[&good])),
        ),
        Scenario::new(
            WILD,
            Script::new()
                .write_example(WILD, "action")
                .bash(&refused)
                .read(secret)
                .bash(&format!("cat {secret}"))
                .say(report("done", "It works.", &[&wild])),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_are_watched_and_nothing_is_committed() {
    let outside = tempfile::tempdir().expect("a folder");
    let secret = outside.path().join("neighbour.txt");
    std::fs::write(&secret, "a neighbour's notes\n").expect("a file");
    let secret = secret.canonicalize().expect("a path").display().to_string();

    let settings = (".github/countersign.yml", Some("mode: permissive\n"));
    let allowed = ("COUNTERSIGN_ALLOW_UNSANDBOXED".into(), "true".into());
    let env = BTreeMap::from([allowed]);
    let mut story = Story::with_env(agents(&secret), &[settings], env).await;
    story.serve().await.expect("the server starts");
    let mut files = spec(GOOD, "action", &format!("input: {EVENT_INPUT}\n"));
    files.extend(spec(WILD, "action", &format!("input: {SHARE}\n")));
    let head = story.push("watched", &changes(&files));
    let number = story.open("watched");

    let view = story.views(number, 1).await.remove(0);
    assert_eq!(view.pushed(), None, "nothing is committed");
    let now = story
        .github
        .branch(&story.repo, "watched")
        .expect("a branch");
    assert_eq!(now, Some(head));
    let judged: BTreeMap<String, Vec<String>> = view
        .judgements()
        .map(|one| {
            let names = one.findings.iter().map(|finding| finding.sentence.clone());
            (one.interaction.to_string(), names.collect())
        })
        .collect();
    let told = judged[WILD].join("\n");
    for path in ["read", &secret] {
        assert!(told.contains(path), "{told}");
    }
    // The account refused it three times, and nobody stopped the agent before.
    let seen = story.nango.seen();
    let refused = seen
        .iter()
        .filter(|one| one.path.ends_with("/acl") && one.status == 403);
    assert!(refused.count() >= 3);
    let sticky = story.sticky(number);
    assert!(sticky.contains("only watches what agents do"), "{sticky}");
    assert!(sticky.contains("none, as"), "{sticky}");
    story.end();
}
