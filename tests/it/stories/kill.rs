//! A server dies: by a power cut between any two steps of a run, or because it is told to end. Whenever it comes back
//! there is one commit, one summary, one review, and one completed check run for each head.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use countersign::domain::activity::Activity;
use countersign::domain::event::{Event, Logged};
use countersign::domain::verdict::Verdict;
use countersign::edge::store::Store;
use countersign_standin::github::{Moment, Seen};
use countersign_standin::names::Sha;

use crate::support::processes::{Process, below, server_of, survivors};
use crate::support::story::{PATIENCE, Story, changes, create_event, honest, pushed};

const KEY: &str = "google-calendar/create-event";
const INPUT: &str = r#"{"calendarId":"primary","summary":"Story","start":"2026-02-01T09:00:00Z","end":"2026-02-01T10:00:00Z"}"#;

/// When the power is cut.
#[derive(Clone, Copy)]
enum Cut {
    /// As soon as such an event is in the log.
    Logged(&'static str, fn(&Event) -> bool),
    /// When GitHub has done such a write and has not answered it yet.
    Written(&'static str, fn(&Seen) -> bool),
}

const REQUESTED: Cut = Cut::Logged("requested", |event| {
    matches!(event, Event::Requested { .. })
});
const PLANNED: Cut = Cut::Logged("planned", |event| matches!(event, Event::Planned { .. }));
const WALLS: Cut = Cut::Logged("walls tried", |event| {
    matches!(event, Event::WallsTried { .. })
});
const STARTED: Cut = Cut::Logged("attempt started", |event| {
    matches!(event, Event::AttemptStarted { .. })
});
const DOING: Cut = Cut::Logged("doing", |event| matches!(event, Event::Doing { .. }));
const CLEAN_ROOM: Cut = Cut::Logged("in the clean room", |event| {
    matches!(
        event,
        Event::Doing {
            activity: Activity::CleanRoom,
            ..
        }
    )
});
const SEALED: Cut = Cut::Logged("sealed", |event| matches!(event, Event::Sealed { .. }));
const JUDGED: Cut = Cut::Logged("judged", |event| matches!(event, Event::Judged { .. }));
const ENDED: Cut = Cut::Logged("ended", |event| matches!(event, Event::Ended { .. }));
const CHECK_CREATED: Cut = Cut::Written("check run created", |seen| {
    seen.method == "POST" && seen.path.ends_with("/check-runs")
});
const SUMMARY_CREATED: Cut = Cut::Written("summary created", |seen| {
    seen.method == "POST" && seen.path.ends_with("/comments")
});
const PUSHED: Cut = Cut::Written("pushed", |seen| seen.path.ends_with("/git-receive-pack"));
const CHECK_COMPLETED: Cut = Cut::Written("check run completed", |seen| {
    seen.method == "PATCH"
        && seen.path.contains("/check-runs/")
        && seen.body["status"] == "completed"
});
const SECOND_CHECK: Cut = Cut::Written("check run of the commit created", |seen| {
    seen.method == "POST"
        && seen.path.ends_with("/check-runs")
        && seen.body["status"] == "completed"
});
const SUMMARY_EDITED: Cut = Cut::Written("summary edited", |seen| {
    seen.method == "PATCH" && seen.path.contains("/issues/comments/")
});
const REVIEWED: Cut = Cut::Written("reviewed", |seen| {
    seen.method == "POST" && seen.path.ends_with("/reviews")
});

/// Eight times within one run, which gets further each time.
#[tokio::test(flavor = "multi_thread")]
async fn the_power_is_cut_before_and_during_the_work() {
    survives(&[
        REQUESTED, PLANNED, WALLS, STARTED, DOING, CLEAN_ROOM, SEALED, JUDGED,
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_power_is_cut_while_github_writes() {
    survives(&[CHECK_CREATED, SUMMARY_CREATED, PUSHED, REVIEWED]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_power_is_cut_at_the_end() {
    survives(&[ENDED, CHECK_COMPLETED, SECOND_CHECK, SUMMARY_EDITED]).await;
}

/// Plays one pull request, cuts the power at each of these moments, and looks at what is left of it all.
async fn survives(cuts: &[Cut]) {
    let agent = honest(KEY, "action", Some(INPUT));
    let mut story = Story::begin(vec![agent], &[]).await;
    let store = story.store().await;
    let head = story.push("add-event", &changes(&create_event()));
    let mut number = None;
    for cut in cuts {
        let armed = Armed::new(&story, *cut);
        let number = match number {
            None => *number.insert(story.open("add-event")),
            Some(number) => {
                story.serve().await.unwrap_or(());
                number
            }
        };
        armed.strike(&mut story, &store, number).await;
    }
    let number = number.expect("it is open");
    story.serve().await.expect("the server starts again");
    one_of_everything(&mut story, &store, number, &head).await;
    store.close().await;
    story.end();
}

/// A cut that waits for its moment.
struct Armed {
    cut: Cut,
    /// The server and all that it had started, once the power was cut.
    struck: Arc<Mutex<Option<Vec<Process>>>>,
}

impl Armed {
    /// Those at a write strike on GitHub's own thread, so that the server cannot go on for a moment.
    fn new(story: &Story, cut: Cut) -> Self {
        let struck: Arc<Mutex<Option<Vec<Process>>>> = Arc::default();
        let (state, said) = (story.state().to_owned(), struck.clone());
        story.github.on_request(move |seen, moment| {
            let Cut::Written(_, wanted) = cut else { return };
            let mut said = said.lock().expect("a lock");
            if moment == Moment::After && wanted(seen) && said.is_none() {
                *said = cut_power(&state);
            }
        });
        Self { cut, struck }
    }

    /// Waits for the moment; then nothing that the server had started may live.
    async fn strike(self, story: &mut Story, store: &Store, number: u64) {
        let began = Instant::now();
        let name = match self.cut {
            Cut::Logged(name, _) | Cut::Written(name, _) => name,
        };
        loop {
            let mut struck = self.struck.lock().expect("a lock").take();
            if let Cut::Logged(_, wanted) = self.cut
                && log(story, store, number)
                    .await
                    .iter()
                    .any(|logged| wanted(&logged.event))
            {
                struck = cut_power(story.state());
            }
            if let Some(processes) = struck {
                // Once is enough: the hook would cut again.
                story.github.on_request(|_, _| {});
                story.kill().await;
                let left = survivors(processes).await;
                assert!(left.is_empty(), "after `{name}` there lives {left:#?}");
                let log = log(story, store, number).await;
                let last = log.last().map(|logged| format!("{:?}", logged.event));
                let last: String = last.unwrap_or_default().chars().take(24).collect();
                eprintln!(
                    "power cut at `{name}`, {} events, the last {last}",
                    log.len()
                );
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "`{name}` did not happen; the server says:\n{}",
                story.log_end()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

/// Kills the server, and returns it with everything below it.
fn cut_power(state: &std::path::Path) -> Option<Vec<Process>> {
    let server = server_of(state)?;
    let mut processes = below(server.pid);
    server.kill();
    processes.push(server);
    Some(processes)
}

/// The log of the one run.
async fn log(story: &Story, store: &Store, number: u64) -> Vec<Logged> {
    let place = format!("{}#{number}", story.repo);
    let runs = store.runs_of(&place).await.expect("runs");
    match runs.as_slice() {
        [] => Vec::new(),
        [run] => store.events(&run.run, 0).await.expect("events"),
        more => panic!("one cause, and there are runs {more:?}"),
    }
}

/// What has to be there in the end, whatever happened on the way.
async fn one_of_everything(story: &mut Story, store: &Store, number: u64, head: &Sha) {
    let view = story.told(number, 1).await;
    assert_eq!(view.count(Verdict::Countersigned), 1, "{view:#?}");
    let commit = pushed(&view);
    story
        .until("the review", async |story| {
            let reviews = story.github.reviews(&story.repo, number).expect("reviews");
            let said = story
                .github
                .comments(&story.repo, number)
                .expect("comments");
            !reviews.is_empty() && !said.is_empty()
        })
        .await;
    // What is under way is brought to its end, so that nothing comes after we have counted.
    story.stop().await.expect("the server ends");
    let pull = story.github.pull(&story.repo, number).expect("the pull");
    assert_eq!(pull.head, commit);
    let commits = story.github.commits_between(&story.repo, head, &commit);
    assert_eq!(commits.expect("commits").len(), 1);
    let checks = story.github.check_runs(&story.repo).expect("checks");
    let heads: Vec<&Sha> = checks.iter().map(|check| &check.head).collect();
    assert_eq!(heads, [head, &commit], "one check run for each head");
    for check in &checks {
        assert_eq!(check.conclusion.as_deref(), Some("success"), "{check:#?}");
    }
    let reviews = story.github.reviews(&story.repo, number).expect("reviews");
    assert_eq!(reviews.len(), 1);
    assert_eq!(reviews[0].commit, commit);
    let said = story
        .github
        .comments(&story.repo, number)
        .expect("comments");
    assert_eq!(said.len(), 1, "one summary: {said:#?}");

    let log = log(story, store, number).await;
    let count = |of: fn(&Event) -> bool| log.iter().filter(|one| of(&one.event)).count();
    for (name, of) in [
        (
            "planned",
            (|e| matches!(e, Event::Planned { .. })) as fn(&Event) -> bool,
        ),
        ("judged", |e| matches!(e, Event::Judged { .. })),
        ("settled", |e| matches!(e, Event::Settled { .. })),
        ("ended", |e| matches!(e, Event::Ended { .. })),
        ("failed", |e| matches!(e, Event::AttemptFailed { .. })),
    ] {
        assert_eq!(count(of), usize::from(name != "failed"), "{name}: {log:#?}");
    }
    let left = std::fs::read_dir(story.state().join("runs")).expect("the runs' folder");
    assert_eq!(left.count(), 0, "workspaces are cleared away");
}
