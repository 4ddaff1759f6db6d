//! A draft waits, a pull request that is closed in the middle is stopped, and one that is opened again goes on.

use std::time::Duration;

use countersign::domain::ending::{CancelReason, Ending};
use countersign_standin::github::{FaultKind, Standing};
use countersign_standin::model::{Scenario, Script};

use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, pushed, states};

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_waits_and_a_closed_pull_request_is_stopped() {
    let key = "google-calendar/create-event";
    let endless = Script::new().say("…").after(Duration::from_secs(3600));
    let story = Story::begin(vec![Scenario::new(key, endless)], &[]).await;
    let github = &story.github;
    let head = story.push("add-event", &changes(&create_event()));
    let (base, branch) = ((&story.repo, "main"), (&story.repo, "add-event"));
    // GitHub tells of it before all of its servers know it.
    for _ in 0..2 {
        let route = "/repos/{owner}/{repo}/pulls/{pull_number}";
        github.fail_next("GET", route, FaultKind::Status(404));
    }
    let number = github
        .open_pull(base, branch, "ada", Standing::Draft)
        .expect("a draft");
    let views = story.views(number, 1).await;
    assert!(
        matches!(views[0].ending, Some(Ending::Waiting { .. })),
        "{views:#?}"
    );
    assert_eq!(story.check(&head).conclusion.as_deref(), Some("neutral"));
    assert_eq!(story.asked(key), 0);

    github
        .ready_pull(&story.repo, number, "ada")
        .expect("ready");
    story
        .until("the agent's work", async |story| story.asked(key) > 0)
        .await;
    let check = story.check(&head);
    assert_ne!(check.status, "completed", "{check:#?}");
    github
        .close_pull(&story.repo, number, "ada")
        .expect("closed");
    let views = story.views(number, 2).await;
    assert!(
        matches!(&views[1].ending, Some(Ending::Cancelled { reason }) if *reason == CancelReason::PullRequestClosed),
        "{:?}",
        views[1].ending
    );
    assert_eq!(story.check(&head).conclusion.as_deref(), Some("cancelled"));
    assert_eq!(
        github
            .pull(&story.repo, number)
            .expect("a pull request")
            .head,
        head
    );

    let sticky = story.sticky(number);
    assert!(sticky.contains("the pull request was closed"), "{sticky}");
    assert!(!sticky.contains("working"), "{sticky}");

    // Who makes it a draft again in the middle gets no commit yet.
    let before = story.asked(key);
    story.model.play(honest(key, "action", Some(EVENT_INPUT)));
    github
        .reopen_pull(&story.repo, number, "ada")
        .expect("open");
    story
        .until("another agent", async |story| story.asked(key) > before)
        .await;
    github
        .draft_pull(&story.repo, number, "ada")
        .expect("a draft");
    let views = story.views(number, 3).await;
    assert_eq!(states(&views[2]), [format!("{key} countersigned")]);
    assert!(
        matches!(views[2].ending, Some(Ending::Waiting { .. })),
        "{:?}",
        views[2].ending
    );
    assert_eq!(story.check(&head).conclusion.as_deref(), Some("neutral"));
    let tip = github
        .pull(&story.repo, number)
        .expect("a pull request")
        .head;
    assert_eq!(tip, head);

    // What was made then is good, and no agent works again.
    let asked = story.asked(key);
    github
        .ready_pull(&story.repo, number, "ada")
        .expect("ready");
    let views = story.views(number, 4).await;
    assert_eq!(states(&views[3]), [format!("{key} carried")]);
    assert_eq!(story.asked(key), asked);
    let pushed = pushed(&views[3]);
    assert_eq!(
        github
            .pull(&story.repo, number)
            .expect("a pull request")
            .head,
        pushed
    );
    for head in [&head, &pushed] {
        assert_eq!(story.check(head).conclusion.as_deref(), Some("success"));
    }
    // What was found was said when it was found.
    assert_eq!(story.reviewed(number), [head]);
    assert!(story.sticky(number).contains("1 carried"));

    // Closing and opening it once more is no reason to do anything again.
    github
        .close_pull(&story.repo, number, "ada")
        .expect("closed");
    github
        .reopen_pull(&story.repo, number, "ada")
        .expect("open");
    story.quiet().await;
    let endings: Vec<_> = story.views(number, 5).await;
    assert_eq!(states(&endings[4]), [format!("{key} carried")]);
    story.end();
}
