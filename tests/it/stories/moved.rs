//! The branch moves while a run is at work: nothing of anybody's is overwritten, and nothing that a person took off
//! comes back.

use std::sync::Mutex;
use std::sync::mpsc;

use countersign::domain::ending::Ending;
use countersign::domain::event::Settlement;
use countersign::domain::row::State;
use countersign_standin::github::Moment;
use countersign_standin::names::Sha;

use crate::support::names::same;
use crate::support::processes::server_of;
use crate::support::story::{PATIENCE, Story, changes, create_event, honest, pushed};

const KEY: &str = "google-calendar/create-event";
const INPUT: &str = r#"{"calendarId":"primary","summary":"Story","start":"2026-02-01T09:00:00Z","end":"2026-02-01T10:00:00Z"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_comes_first_wins_and_the_work_is_carried_on() {
    let story = Story::begin(vec![honest(KEY, "action", Some(INPUT))], &[]).await;
    // Our push has arrived and waits until ada's is done.
    let (say_arrived, arrived) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let gate = Mutex::new(Some((say_arrived, may_go_on)));
    story.github.on_request(move |seen, moment| {
        if moment == Moment::Before
            && seen.path.ends_with("/git-receive-pack")
            && let Some((say, wait)) = gate.lock().expect("a lock").take()
        {
            say.send(()).expect("the test listens");
            wait.recv_timeout(PATIENCE).expect("the test goes on");
        }
    });
    story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");
    tokio::task::spawn_blocking(move || arrived.recv_timeout(PATIENCE))
        .await
        .expect("a thread")
        .expect("a push arrives");
    let asked = story.model.requests().len();
    let theirs = story.push("add-event", &[("README.md", Some("# Better\n"))]);
    go_on.send(()).expect("the hook waits");

    let view = story.told(number, 2).await;
    let runs = story.runs(number).await;
    assert_eq!(runs.len(), 2, "one for each of ada's commits: {runs:?}");
    let first = story.view(&runs[0].run).await;
    assert!(
        matches!(first.ending, Some(Ending::Superseded { .. })),
        "{:?}",
        first.ending
    );
    assert_eq!(same::<Sha>(&runs[1].head), theirs);
    assert!(
        matches!(view.rows[0].state, State::Carried { .. }),
        "{:?}",
        view.rows[0].state
    );
    assert_eq!(
        story.model.requests().len(),
        asked,
        "nobody was asked again"
    );
    let commit = &pushed(&view);
    let on_top = story
        .github
        .commits_between(&story.repo, &theirs, commit)
        .expect("commits");
    assert_eq!(on_top.len(), 1, "one commit on top of ada's");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_somebody_took_off_does_not_come_back() {
    let mut story = Story::begin(vec![honest(KEY, "action", Some(INPUT))], &[]).await;
    let (say_pushed, pushed) = mpsc::channel();
    let state = story.state().to_owned();
    story.github.on_request(move |seen, moment| {
        if moment == Moment::After && seen.path.ends_with("/git-receive-pack") {
            // Before it can write down that it has pushed.
            if let Some(server) = server_of(&state) {
                server.kill();
            }
            say_pushed.send(()).expect("the test listens");
        }
    });
    let head = story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");
    tokio::task::spawn_blocking(move || pushed.recv_timeout(PATIENCE))
        .await
        .expect("a thread")
        .expect("a push arrives");
    story.kill().await;
    story
        .github
        .force_push(&story.repo, "add-event", &head, "ada")
        .expect("a forced push");

    story.serve().await.expect("the server starts again");
    let view = story.told(number, 1).await;
    assert!(
        matches!(view.settlement, Some(Settlement::PushRefused { .. })),
        "{:?}",
        view.settlement
    );
    let now = story.github.branch(&story.repo, "add-event");
    assert_eq!(now.expect("the branch"), Some(head));
    story.end();
}
