//! Stories of `store`: one suite, told to SQLite and to a real PostgreSQL.

use countersign::domain::activity::Activity;
use countersign::domain::ending::Ending;
use countersign::domain::event::Event;
use countersign::domain::name::{RepoName, RunId, Sha};
use countersign::domain::pull::{Cause, PullRequest, PullState, Request};
use countersign::domain::transcript::Usage;
use countersign::edge::store::{Begun, Store, Taken};

macro_rules! on_both {
    ($($story:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(crate::support::database::Database::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(crate::support::database::Database::postgres()).await;
            })*
        }
    };
}

mod before;
mod evidence;
mod inbox;
mod left;
mod log;
mod open;
mod runs;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

async fn taken(store: &Store, run: &RunId) -> Taken {
    let taken = store.take_up(run).await.expect("it can be asked");
    taken.expect("it is not done")
}

/// Ends a run as whoever works on it does. Returns the number of the event.
async fn end(store: &Store, run: &RunId) -> i64 {
    let ending = Ending::Finished;
    let ended = store.append(run, Event::Ended { ending }, None).await;
    ended.expect("ended").seq
}

fn sha(digit: char) -> Sha {
    digit.to_string().repeat(40).parse().expect("an object id")
}

fn pull(number: u64, head: char) -> PullRequest {
    let repo: RepoName = "octo/app".parse().expect("a name");
    PullRequest {
        repo: repo.clone(),
        number,
        state: PullState::Open,
        head: sha(head),
        head_branch: "specs".into(),
        head_repo: Some(repo),
        base_branch: "main".into(),
        base: sha('0'),
        author: "mona".into(),
    }
}

fn request(number: u64, head: char) -> Request {
    Request::for_pull(11, pull(number, head), Cause::Head)
}

fn doing(words: &str) -> Event {
    Event::Doing {
        interaction: "slack/post".parse().expect("a key"),
        attempt: 1,
        activity: Activity::Told(words.to_owned()),
        usage: Usage::default(),
    }
}

async fn begin(store: &Store, request: &Request) -> Begun {
    store.begin(request).await.expect("begun")
}

async fn ending(store: &Store, run: &RunId) -> Option<Ending> {
    let events = store.events(run, 0).await.expect("the log");
    events.into_iter().find_map(|logged| match logged.event {
        Event::Ended { ending } => Some(ending),
        _ => None,
    })
}
