//! A pull request is opened: the plain story, from specs to a countersigned commit.

use countersign::domain::event::Settlement;
use countersign::domain::verdict::Verdict;

use crate::support::town::{EVENT_INPUT, Story, changes, create_event, honest};

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_becomes_a_countersigned_commit() {
    let scenarios = vec![honest(
        "google-calendar/create-event",
        "action",
        Some(EVENT_INPUT),
    )];
    let story = Story::begin(scenarios, &[]).await;
    let head = story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");

    let view = story.told(number, 1).await;
    assert_eq!(view.count(Verdict::Countersigned), 1, "{view:#?}");
    let Some(Settlement::Committed {
        commit,
        branch,
        paths,
    }) = &view.settlement
    else {
        panic!("{:?}", view.settlement)
    };
    assert_eq!(branch, "add-event");
    let pull = story
        .github
        .pull(&story.repo, number)
        .expect("the pull request");
    assert_eq!(&pull.head, commit);
    for path in [
        "nango-integrations/google-calendar/actions/create-event.ts",
        "nango-integrations/google-calendar/tests/create-event.test.json",
        "nango-integrations/google-calendar/tests/google-calendar-create-event.test.ts",
        "nango-integrations/index.ts",
        "nango-integrations/package.json",
    ] {
        assert!(
            paths.iter().any(|there| there == path),
            "{path} in {paths:?}"
        );
    }
    let commits = story
        .github
        .commits_between(&story.repo, &head, commit)
        .expect("commits");
    assert_eq!(commits.len(), 1, "one commit on top of the head");

    // One check run on the head that was planned and one on the commit, one review, one sticky comment.
    let checks = story.github.check_runs(&story.repo).expect("checks");
    let of = |sha| checks.iter().filter(|check| &check.head == sha).count();
    assert_eq!((of(&head), of(commit)), (1, 1));
    assert!(
        checks
            .iter()
            .all(|check| check.conclusion.as_deref() == Some("success")),
        "{checks:#?}"
    );
    story
        .until("the review", async |story| {
            !story
                .github
                .reviews(&story.repo, number)
                .expect("reviews")
                .is_empty()
        })
        .await;
    let reviews = story.github.reviews(&story.repo, number).expect("reviews");
    assert_eq!(reviews.len(), 1);
    assert_eq!(&reviews[0].commit, commit);
    let at_lines = story
        .github
        .review_comments(&story.repo, number)
        .expect("comments");
    let places: Vec<&str> = at_lines
        .iter()
        .map(|comment| comment.path.as_str())
        .collect();
    assert_eq!(
        places,
        [
            "interactions/google-calendar/create-event.yaml",
            "nango-integrations/google-calendar/actions/create-event.ts"
        ]
    );
    assert_eq!(
        story
            .github
            .comments(&story.repo, number)
            .expect("comments")
            .len(),
        1
    );
    story.end();
}
