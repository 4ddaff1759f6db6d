//! Sixteen agents at once, with their clean rooms, take every core; meanwhile webhooks keep coming, one every tenth of a second.

use std::time::Duration;

use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};
use countersign_standin::nango::function;

use crate::support::answered::Answered;
use crate::support::story::{Story, changes, spec, states};

const AGENTS: usize = 16;
const WEBHOOKS: usize = 200;
const SETTINGS: &str = "parallel: 16\n";

fn agent(key: &str) -> Scenario {
    let (integration, name) = key.split_once('/').expect("a key");
    let source = function("slack/syncs/users.ts").expect("an example");
    let dry = dry_run(key, None);
    let script = Script::new()
        .write(&format!("{integration}/syncs/{name}.ts"), source)
        .bash("nango compile --no-interactive")
        .bash(&dry)
        .say(report("done", "It works.", &[&dry]));
    Scenario::new(key, script)
}

/// `cargo test --test it webhooks_are_answered_in_a_burst -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, and nothing else may run beside it"]
async fn webhooks_are_answered_in_a_burst() {
    let keys: Vec<String> = (0..AGENTS).map(|n| format!("slack/users-{n:02}")).collect();
    let agents = keys.iter().map(|key| agent(key)).collect();
    let settings = [(".github/countersign.yml", Some(SETTINGS))];
    let env = std::env::vars().filter(|(name, _)| name == "TOKIO_WORKER_THREADS");
    let mut story = Story::with_env(agents, &settings, env.collect()).await;
    story.serve().await.expect("the server starts");
    let files: Vec<_> = keys.iter().flat_map(|key| spec(key, "sync", "")).collect();
    story.push("many", &changes(&files));
    let number = story.open("many");
    story
        .until("all agents at work", async |story| {
            keys.iter().all(|key| story.asked(key) > 0)
        })
        .await;
    for n in 0..WEBHOOKS {
        let words = format!("Nice, number {n}.");
        (story.github)
            .comment(&story.repo, number, "bob", &words)
            .expect("a comment");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let run = story.runs(number).await.remove(0).run;
    let under_way = states(&story.view(&run).await);
    let at_work = under_way.iter().filter(|one| one.ends_with(" working"));
    assert!(
        at_work.count() >= 4,
        "too few were left at work: {under_way:?}"
    );
    let view = story.views(number, 1).await.remove(0);
    assert!(
        states(&view)
            .iter()
            .all(|state| state.ends_with(" countersigned")),
        "{:?}",
        states(&view)
    );
    let answered = Answered::of(&story, "Nice, number");
    assert_eq!(answered.len(), WEBHOOKS);
    answered.print();
    // What the server itself took, without what the stand-in for GitHub waited for a core.
    let metrics = story.get("/metrics").await;
    for line in metrics
        .lines()
        .filter(|line| line.starts_with("countersign_webhook_seconds"))
    {
        println!("{line}");
    }
    let log = std::fs::read_to_string(story.log_path()).expect("the server's log");
    for line in log.lines().filter(|line| line.contains("stored slowly")) {
        println!("{line}");
    }
    let most = answered.at(99);
    assert!(most <= Duration::from_millis(50), "99 % took {most:?}");
    story.end();
}
