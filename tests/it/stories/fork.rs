//! A stranger's pull request: it waits for somebody who may write, is judged like any other, and nothing is pushed.

use countersign::domain::ending::Ending;
use countersign::domain::event::Settlement;
use countersign_standin::github::Standing;
use countersign_standin::nango::function;

use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, states};

/// The function after `git apply` of the patch in a review.
fn taken(review: &str) -> String {
    let (_, from) = review.split_once("```diff\n").expect("a patch");
    let (patch, _) = from.split_once("\n```").expect("its end");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("the.patch");
    std::fs::write(&file, format!("{patch}\n")).expect("a file");
    let applied = std::process::Command::new("git")
        .args(["apply", "the.patch"])
        .current_dir(folder.path())
        .output()
        .expect("git is there");
    assert!(applied.status.success(), "{applied:?}\n{patch}");
    let path = "nango-integrations/google-calendar/actions/create-event.ts";
    std::fs::read_to_string(folder.path().join(path)).expect("the function")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_pull_request_waits_for_somebody_who_may_write() {
    let key = "google-calendar/create-event";
    let story = Story::begin(vec![honest(key, "action", Some(EVENT_INPUT))], &[]).await;
    let github = &story.github;
    let fork = github.fork(&story.repo, "mallory").expect("a fork");
    let files = create_event();
    let head = github
        .commit(&fork, "add-event", None, &changes(&files), "mallory")
        .expect("a commit");
    let main = github.branch(&story.repo, "main").expect("a branch");
    let (base, branch) = ((&story.repo, "main"), (&fork, "add-event"));
    let number = github
        .open_pull(base, branch, "mallory", Standing::Ready)
        .expect("a pull request");

    let views = story.views(number, 1).await;
    assert!(
        matches!(views[0].ending, Some(Ending::Waiting { .. })),
        "{views:#?}"
    );
    let check = story.check(&head);
    assert_eq!(check.conclusion.as_deref(), Some("neutral"));
    assert!(check.summary.is_some_and(|words| words.contains("/retry")));

    // The stranger cannot start it, and is not answered either.
    let said = story.said(number);
    let comment = |login| {
        github
            .comment(&story.repo, number, login, "/retry")
            .expect("a comment")
    };
    let theirs = comment("mallory");
    story.views(number, 1).await;
    assert_eq!(story.reactions(number, theirs), [""; 0]);
    assert_eq!(story.said(number), said);
    assert!(story.model.requests().is_empty(), "no agent was asked");

    let ours = comment("ada");
    let views = story.views(number, 2).await;
    assert_eq!(story.reactions(number, ours), ["eyes"]);
    assert_eq!(states(&views[1]), [format!("{key} countersigned")]);
    assert!(
        matches!(
            views[1].settlement,
            Some(Settlement::Fork { functions: 1, .. })
        ),
        "{:?}",
        views[1].settlement
    );
    let check = story.check(&head);
    assert_eq!(check.conclusion.as_deref(), Some("neutral"));
    assert!(
        check
            .summary
            .is_some_and(|words| words.contains("not committed"))
    );
    assert_eq!(story.reviewed(number), std::slice::from_ref(&head));
    assert_eq!(
        story.remarks(number),
        ["interactions/google-calendar/create-event.yaml:2"]
    );
    assert!(story.sticky(number).contains("in a fork"));

    // The author can take what was made.
    let reviews = github.reviews(&story.repo, number).expect("reviews");
    let made = taken(&reviews[0].body);
    let source = function("google-calendar/actions/create-event.ts").expect("one");
    assert_eq!(made, source);

    // Nothing moved anywhere.
    assert_eq!(
        github.branch(&fork, "add-event").expect("a branch"),
        Some(head)
    );
    assert_eq!(github.branch(&story.repo, "main").expect("a branch"), main);
    assert_eq!(
        github.branch(&story.repo, "add-event").expect("no branch"),
        None
    );
    let pushes = github
        .requests()
        .into_iter()
        .filter(|seen| seen.path.contains("receive-pack"));
    assert_eq!(pushes.count(), 0);
    story.end();
}
