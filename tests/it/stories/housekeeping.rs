//! What a server does beside its work: old things go, dead runs are told, and its secrets stay its own.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use countersign::domain::delivery::Delivery;
use countersign::domain::ending::Ending;
use countersign::domain::limits;
use countersign::domain::name::RunId;
use countersign::domain::pull::{Cause, Origin, PullRequest, PullState, Request};
use countersign::edge::store::{DeliveryState, Receipt, Store};
use countersign_standin::model::{Scenario, Script};
use countersign_standin::names::Sha;
use countersign_standin::testbed::NANGO_SECRET;

use crate::support::names::same;
use crate::support::story::{Story, changes, create_event};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A server comes to a database in which processes died of a run again and again, and in which old deliveries lie. Then an
/// agent works, and its server's environment is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn dead_runs_are_told_old_things_go_and_secrets_stay() {
    let hangs = Script::new().bash("sleep 1000").say("never");
    let scenarios = vec![Scenario::new("google-calendar/create-event", hangs)];
    let mut story = Story::without_server(scenarios, &[]).await;
    let head = story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");
    let run = leave_behind(&story, number, &head).await;

    story.serve().await.expect("the server starts");
    let view = story.told(number, 1).await;
    assert!(
        matches!(&view.ending, Some(Ending::Faulted { why }) if why.contains("hopeless")),
        "{:?}",
        view.ending
    );
    story
        .until("tidying", async |story| {
            let store = story.store().await;
            let old = store.delivery("old").await.expect("read");
            let young = store.delivery("young").await.expect("read");
            store.close().await;
            assert!(young.is_some());
            old.is_none()
        })
        .await;
    assert_eq!(story.runs(number).await[0].run, run);

    story.push("add-event", &[("other.txt", Some("other\n"))]);
    let server = story.pid().expect("a server");
    story
        .until("an agent at work", async |story| {
            let seen = story.model.requests();
            (seen.iter().any(|seen| {
                seen.body
                    .to_string()
                    .contains("google-calendar/create-event")
            })) && opencode_of(server).is_some()
        })
        .await;
    let agent = opencode_of(server).expect("its server");
    let environ = fs::read(format!("/proc/{agent}/environ")).expect("an environment");
    let environ = String::from_utf8_lossy(&environ);
    let environ: BTreeMap<&str, &str> = environ
        .split('\0')
        .filter_map(|pair| pair.split_once('='))
        .collect();
    let (key_name, key) = story.model.key();
    assert_eq!(
        environ.get(key_name.as_str()),
        Some(&key.as_str()),
        "its own key is there"
    );
    let theirs = story.env();
    for (name, value) in &environ {
        let ours = ["COUNTERSIGN_", "NANGO_", "GITHUB_", "DATABASE_URL"];
        assert!(!ours.iter().any(|own| name.starts_with(own)), "{name}");
        for secret in [
            "COUNTERSIGN_PRIVATE_KEY",
            "COUNTERSIGN_WEBHOOK_SECRET",
            "NANGO_SECRET_KEY",
        ] {
            assert!(
                !value.contains(theirs[secret].as_str()),
                "{secret} in {name}"
            );
        }
    }
    assert_eq!(theirs["NANGO_SECRET_KEY"], NANGO_SECRET);
    story.end();
}

/// The pull request's run, taken up again and again without getting any further, and two deliveries that were worked off: one ten days ago, one today.
async fn leave_behind(story: &Story, number: u64, head: &Sha) -> RunId {
    let today = jiff::Timestamp::now().as_millisecond();
    let clock = Arc::new(AtomicI64::new(today - 10 * DAY_MS));
    let now = clock.clone();
    let url = format!(
        "sqlite://{}",
        story.state().join("countersign.db").display()
    );
    let store = Store::open(&url, Arc::new(move || now.load(Ordering::SeqCst)))
        .await
        .expect("the database opens");
    for id in ["old", "young"] {
        let delivery = Delivery {
            id: id.into(),
            event: "ping".into(),
            body: "{}".into(),
        };
        assert_eq!(
            store.receive(&delivery).await.expect("stored"),
            Receipt::New
        );
        let ended = store.delivery_ended(id, DeliveryState::Ignored, "").await;
        ended.expect("noted");
        clock.store(today, Ordering::SeqCst);
    }
    let base = story
        .github
        .pull(&story.repo, number)
        .expect("the pull request")
        .base;
    let pull = PullRequest {
        repo: same(&story.repo),
        number,
        state: PullState::Open,
        head: same(head),
        head_branch: "add-event".into(),
        head_repo: Some(same(&story.repo)),
        base_branch: "main".into(),
        base: same(&base),
        author: "ada".into(),
    };
    let installation = story
        .github
        .installation(&story.repo)
        .expect("an installation");
    let request = Request::for_pull(installation, pull, Cause::Head);
    assert!(matches!(request.origin, Origin::PullRequest { .. }));
    store.begin(&request).await.expect("begun");
    for _ in 0..limits::TRIES {
        let taken = store.take_up(&request.run).await.expect("ok");
        let hold = taken.expect("it is not done").hold;
        store.note_fault(&hold, "hopeless").await.expect("noted");
    }
    store.close().await;
    request.run
}

/// The agent's server among the children of ours, by the kernel's word.
fn opencode_of(server: u32) -> Option<u32> {
    let parent = |pid: u32| -> Option<u32> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    };
    let pids = fs::read_dir("/proc").ok()?.flatten();
    let mut pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        parent(*pid) == Some(server) && String::from_utf8_lossy(&line).contains("opencode")
    })
}
