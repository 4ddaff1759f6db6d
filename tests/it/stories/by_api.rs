//! `commit_by: api`: GitHub makes the commit, once, whatever becomes of its answer, and a branch that takes none says why.

use countersign::domain::ending::Ending;
use countersign::domain::event::Settlement;
use countersign_standin::github::FaultKind;

use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, pushed, states};

const KEY: &str = "google-calendar/create-event";
const FUNCTION: &str = "nango-integrations/google-calendar/actions/create-event.ts";

#[tokio::test(flavor = "multi_thread")]
async fn github_makes_the_commit_once() {
    let settings = [(".github/countersign.yml", Some("commit_by: api\n"))];
    let story = Story::begin(vec![honest(KEY, "action", Some(EVENT_INPUT))], &settings).await;
    let github = &story.github;
    let head = story.push("add/event", &changes(&create_event()));
    let number = story.open("add/event");
    story
        .until("the agent's work", async |story| story.asked(KEY) > 2)
        .await;
    // It is done, and nobody hears of it.
    github.fail_next("POST", "*graphql", FaultKind::AfterApply);
    let view = story.told(number, 1).await;
    assert_eq!(view.ending, Some(Ending::Finished), "{}", story.log_end());
    let commit = pushed(&view);
    let commits = github.commits_between(&story.repo, &head, &commit);
    assert_eq!(commits.expect("commits").len(), 1);
    assert!(story.file(&commit, FUNCTION).is_some());
    let message = github.message(&story.repo, &commit).expect("a message");
    assert!(message.contains("Countersign-Run: "), "{message}");
    story.quiet().await;
    let tip = github.branch(&story.repo, "add/event").expect("a look");
    assert_eq!(tip.as_ref(), Some(&commit));
    let asked = github.requests();
    let pushes = asked
        .iter()
        .filter(|one| one.path.ends_with("/git-receive-pack"));
    assert_eq!(pushes.count(), 0, "nothing is pushed");

    // A branch that takes nothing.
    let files = create_event();
    story.push("locked", &changes(&files));
    let why = "Commits must have verified signatures.";
    github
        .protect_branch(&story.repo, "locked", why)
        .expect("protected");
    let second = story.open("locked");
    let view = story.told(second, 1).await;
    assert_eq!(states(&view), [format!("{KEY} countersigned")]);
    let reason = match &view.settlement {
        Some(Settlement::PushRefused { reason }) => reason,
        other => panic!("{other:?}"),
    };
    assert!(reason.contains(why), "{reason}");
    story.end();
}
