//! A pull request is opened: the plain story, from a spec to a countersigned commit. Everything is real but GitHub, the
//! model and Nango's API.

use countersign::domain::event::Settlement;

use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, pushed, states};

const KEY: &str = "google-calendar/create-event";

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_becomes_a_countersigned_commit() {
    // An agent that does what it says; ada pushes a spec and opens a pull request.
    let agents = vec![honest(KEY, "action", Some(EVENT_INPUT))];
    let story = Story::begin(agents, &[]).await;
    let head = story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");

    // One run: the function is written, judged and signed.
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), [format!("{KEY} countersigned")]);

    // It is on ada's branch, in one commit on top of hers.
    let commit = pushed(&view);
    let github = &story.github;
    let pull = github.pull(&story.repo, number).expect("a pull request");
    assert_eq!(
        (pull.head_branch.as_str(), &pull.head),
        ("add-event", &commit)
    );
    let on_top = github.commits_between(&story.repo, &head, &commit);
    assert_eq!(on_top.expect("commits"), std::slice::from_ref(&commit));
    holds_the_function(view.settlement.as_ref());

    // Both commits have one check run, and it is green.
    for commit in [&head, &commit] {
        assert_eq!(story.checks_on(commit), 1);
        assert_eq!(story.check(commit).conclusion.as_deref(), Some("success"));
    }
    let checks = github.check_runs(&story.repo).expect("checks");
    assert_eq!(checks.len(), 2, "{checks:#?}");

    // One review with a remark at the spec and one at the function, and one comment that stays.
    assert_eq!(story.reviewed(number), [commit]);
    assert_eq!(
        story.remarks(number),
        [
            "interactions/google-calendar/create-event.yaml:2",
            "nango-integrations/google-calendar/actions/create-event.ts:1",
        ]
    );
    assert_eq!(story.said(number), [story.sticky(number)]);

    // Whoever operates the server can read what came of it.
    let metrics = story.get("/metrics").await;
    for line in [
        r#"countersign_builds_ended_total{verdict="countersigned"} 1"#,
        r#"countersign_runs_ended_total{ending="finished"} 1"#,
        "countersign_runs_left 0",
        "countersign_deliveries_left 0",
        r#"countersign_builds{state="working",repute="good"} 0"#,
        "countersign_build_seconds_count 1",
        r#"countersign_webhook_seconds_bucket{status="202",le="10"}"#,
        "countersign_github_budget_left{installation=",
    ] {
        assert!(metrics.contains(line), "{line} in:\n{metrics}");
    }
    for secret in ["acme", "create-event", "add-event"] {
        assert!(!metrics.contains(secret), "{secret} in:\n{metrics}");
    }
    assert_eq!(story.get("/readyz").await, "ok\n");
    story.end();
}

/// The function, its recording, its test, and what makes a project of them.
fn holds_the_function(settlement: Option<&Settlement>) {
    let Some(Settlement::Committed { branch, paths, .. }) = settlement else {
        panic!("{settlement:?}")
    };
    assert_eq!(branch, "add-event");
    for path in [
        "google-calendar/actions/create-event.ts",
        "google-calendar/tests/create-event.test.json",
        "google-calendar/tests/google-calendar-create-event.test.ts",
        "index.ts",
        "package.json",
    ] {
        let path = format!("nango-integrations/{path}");
        assert!(paths.contains(&path), "{path} in {paths:?}");
    }
}
