//! Old evidence goes and what is needed stays; and when the App is taken off an account, everything of it goes.

use std::collections::BTreeMap;

use countersign_standin::model::{Scenario, Script};

use crate::support::checkout::said;
use crate::support::files::{age, below as files};
use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, states};

const KEY: &str = "google-calendar/create-event";

async fn prune(story: &Story, args: &[&str]) -> String {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
    command
        .arg("prune")
        .args(args)
        .env_clear()
        .envs(story.env());
    let said = said(command.output().await.expect("it runs"));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    said.out.trim_end().to_owned()
}

/// One pull request whose evidence is asked away, with and without words only; another that keeps its own. What was
/// carried before is then built again.
#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_one_pull_request_goes_and_that_of_another_stays() {
    let agent = honest(KEY, "action", Some(EVENT_INPUT));
    let story = Story::begin(vec![agent], &[]).await;
    let mut numbers = Vec::new();
    for branch in ["first", "second"] {
        story.push(branch, &changes(&create_event()));
        let number = story.open(branch);
        let view = story.told(number, 1).await;
        assert_eq!(states(&view), [format!("{KEY} countersigned")]);
        numbers.push(number);
    }
    story.quiet().await;
    let [first, second] = numbers[..] else {
        unreachable!("two")
    };
    let (blobs, seals) = (story.state().join("blobs"), story.state().join("dossiers"));
    age(&blobs);
    let before = (files(&blobs), files(&seals));
    assert_eq!(before.1.len(), 2);
    let old = prune(&story, &["--older-than", "1d"]).await;
    assert_eq!(
        old, "gone: 0 dossiers, 0 blobs, 0.0 MB",
        "nothing is that old"
    );

    let of_first = format!("acme/product#{first}");
    let args = ["--older-than", "0d", "--pull", &of_first];
    let shown = prune(&story, &[&args[..], &["--dry-run"]].concat()).await;
    assert!(shown.starts_with("would go: 1 dossiers, "), "{shown}");
    assert_eq!((files(&blobs), files(&seals)), before);
    let gone = prune(&story, &args).await;
    assert_eq!(
        gone.strip_prefix("gone: "),
        shown.strip_prefix("would go: ")
    );
    let after = (files(&blobs), files(&seals));
    assert!(
        after.0.len() < before.0.len() && after.1.len() == 1,
        "{after:?}"
    );
    for seal in &after.1 {
        let seal = seals.join(seal);
        let mut judge = tokio::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
        judge.arg("judge").arg(&seal).env_clear();
        let judged = said(judge.output().await.expect("it runs"));
        assert_eq!(judged.code, Some(0), "what stays is whole: {judged:?}");
    }

    let asked = story.asked(KEY);
    for (number, branch, state) in [
        (first, "first", "countersigned"),
        (second, "second", "carried"),
    ] {
        story.push(branch, &[("other.txt", Some("other\n"))]);
        let views = story.views(number, 2).await;
        assert_eq!(states(&views[1]), [format!("{KEY} {state}")]);
    }
    assert!(story.asked(KEY) > asked, "the first was built again");
    story.end();
}

/// Once a day, and at the start, the server does the same by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_takes_old_evidence_away_by_itself() {
    let agent = honest(KEY, "action", Some(EVENT_INPUT));
    let env = BTreeMap::from([("COUNTERSIGN_KEEP_EVIDENCE".to_owned(), "0d".to_owned())]);
    let mut story = Story::with_env(vec![agent], &[], env).await;
    story.serve().await.expect("the server starts");
    story.push("add", &changes(&create_event()));
    let number = story.open("add");
    story.told(number, 1).await;
    story.quiet().await;
    let (blobs, seals) = (story.state().join("blobs"), story.state().join("dossiers"));
    age(&blobs);
    assert_eq!(files(&seals).len(), 1);
    story.stop().await.expect("it stops");
    story.serve().await.expect("the server starts again");
    story
        .until("tidying", async |_| {
            files(&seals).is_empty() && files(&blobs).is_empty()
        })
        .await;
    story.end();
}

/// The App is taken off an account while an agent works there.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_from_us_leaves_nothing() {
    let hangs = Script::new().bash("sleep 1000").say("never");
    let scenarios = vec![
        honest(KEY, "action", Some(EVENT_INPUT)),
        Scenario::new("slack/users", hangs),
    ];
    let story = Story::begin(scenarios, &[]).await;
    story.push("add", &changes(&create_event()));
    let number = story.open("add");
    story.told(number, 1).await;
    story.quiet().await;
    let other = crate::support::story::spec("slack/users", "sync", "");
    story.push("add", &changes(&other));
    story
        .until("an agent at work", async |story| {
            story.asked("slack/users") > 0
        })
        .await;
    let mirror = story.state().join("mirrors/acme/product.git");
    let (blobs, seals) = (story.state().join("blobs"), story.state().join("dossiers"));
    assert!(mirror.exists() && files(&seals).len() == 1);
    age(&blobs);

    story.github.uninstall("acme");
    story
        .until("everything to be gone", async |story| {
            let kept = story.kept_deliveries().await;
            story.runs(number).await.is_empty() && kept.iter().all(|(_, body)| body.is_empty())
        })
        .await;
    assert_eq!((files(&seals), files(&blobs)), (vec![], vec![]));
    assert_eq!(files(&story.state().join("mirrors")), [""; 0]);
    let kept = story.kept_deliveries().await;
    assert!(kept.len() > 2, "their ids stay: {kept:?}");
    story.end();
}
