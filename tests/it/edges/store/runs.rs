//! Runs: begun once, superseded, found again; what was signed and posted.

use countersign::domain::ending::{CancelReason, Ending, Successor};
use countersign::domain::event::Event;
use countersign::domain::name::{Digest, RepoName, RunId};
use countersign::domain::plan::Signed;
use countersign::domain::pull::{Cause, Origin, Request};
use countersign::edge::store::{AppendError, Begun, Posted, Store};

use super::{begin, doing, ending, request, sha};
use crate::support::database::{Database, START};

on_both! {
    the_same_request_is_one_run
    a_newer_run_supersedes_all_that_have_not_ended
    a_newer_local_run_ends_the_one_before
    of_many_runs_begun_at_once_one_stays
    runs_are_found_by_place_time_and_commit
    signatures_and_posts_are_replaced_not_repeated
}

async fn the_same_request_is_one_run(database: Database) {
    let store = database.open().await;
    let request = request(7, 'a');
    let mut begins = Vec::new();
    for _ in 0..6 {
        let (store, request) = (store.clone(), request.clone());
        begins.push(tokio::spawn(async move { begin(&store, &request).await }));
    }
    let mut new = 0;
    for begun in begins {
        match begun.await.expect("it ends") {
            Begun::New { superseded } => {
                assert!(superseded.is_empty());
                new += 1;
            }
            Begun::Known => {}
        }
    }
    assert_eq!(new, 1);
    let events = store.events(&request.run, 0).await.expect("the log");
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].seq, events[0].at_ms), (1, START));
    let requested = Event::Requested {
        request: request.clone(),
    };
    assert_eq!(events[0].event, requested);
    let next = store.next_run("octo/app#7").await.expect("ok");
    assert_eq!(next, Some(request.run));
}

async fn a_newer_run_supersedes_all_that_have_not_ended(database: Database) {
    let store = database.open().await;
    let (first, second, third) = (request(7, 'a'), request(7, 'b'), request(7, 'c'));
    let elsewhere = request(8, 'a');
    begin(&store, &elsewhere).await;
    begin(&store, &first).await;

    database.clock.advance(1);
    let superseded = vec![first.run.clone()];
    assert_eq!(begin(&store, &second).await, Begun::New { superseded });
    assert_eq!(ending(&store, &first.run).await, None, "it ends itself");
    let reason = |by: &Request| CancelReason::Superseded { by: by.run.clone() };
    let asked = async |run: &RunId| store.cancel_of(run).await.expect("ok");
    assert_eq!(asked(&first.run).await, Some(reason(&second)));
    assert_eq!(asked(&elsewhere.run).await, None);

    database.clock.advance(1);
    let mut superseded = vec![first.run.clone(), second.run.clone()];
    superseded.sort();
    assert_eq!(begin(&store, &third).await, Begun::New { superseded });
    assert_eq!(asked(&first.run).await, Some(reason(&second)), "as before");
    assert_eq!(asked(&second.run).await, Some(reason(&third)));
    let all = [&third, &second, &first].map(|one| one.run.clone());
    assert_eq!(active(&store, "octo/app#7").await, all);

    let ended = Event::Ended {
        ending: Ending::stopped(reason(&second)),
    };
    let logged = store.append(&first.run, ended, None).await;
    logged.expect("the first ends itself");
    let over = store.append(&first.run, doing("more"), None).await;
    assert!(matches!(over, Err(AppendError::Over { .. })), "{over:?}");
    assert_eq!(active(&store, "octo/app#7").await, all[..2]);
    assert_eq!(begin(&store, &third).await, Begun::Known);
}

/// Nobody else carries a local run out, and the process that began it may be gone.
async fn a_newer_local_run_ends_the_one_before(database: Database) {
    let store = database.open().await;
    let local =
        |nonce: &str| Request::local("/src/app".into(), sha('a'), sha('b'), nonce.into(), vec![]);
    let (first, second) = (local("1"), local("2"));
    begin(&store, &first).await;
    let superseded = vec![first.run.clone()];
    assert_eq!(begin(&store, &second).await, Begun::New { superseded });
    let by = Successor::Run(second.run.clone());
    let ended = ending(&store, &first.run).await;
    assert_eq!(ended, Some(Ending::Superseded { by }));
    assert!(store.places_left().await.expect("a list").is_empty());
}

/// The runs of a place that have not ended, newest first.
async fn active(store: &Store, place: &str) -> Vec<RunId> {
    let rows = store.runs_of(place).await.expect("a list");
    let rows = rows.into_iter().filter(|row| row.ended_ms.is_none());
    rows.map(|row| row.run).collect()
}

async fn of_many_runs_begun_at_once_one_stays(database: Database) {
    let stores = [database.open().await, database.open().await];
    let mut begins = Vec::new();
    for (number, head) in "123456789abcdef".chars().enumerate() {
        let store = stores[number % 2].clone();
        begins.push(tokio::spawn(async move {
            begin(&store, &request(7, head)).await
        }));
    }
    for begun in begins {
        let begun = begun.await.expect("it ends");
        assert!(matches!(begun, Begun::New { .. }));
    }
    let active = active(&stores[0], "octo/app#7").await;
    let mut wanted = 0;
    for run in &active {
        let reason = stores[1].cancel_of(run).await.expect("ok");
        wanted += usize::from(reason.is_none());
    }
    assert_eq!((active.len(), wanted), (15, 1), "all others are to stop");
}

async fn runs_are_found_by_place_time_and_commit(database: Database) {
    let store = database.open().await;
    let (first, second) = (request(7, 'a'), request(7, 'b'));
    begin(&store, &first).await;
    database.clock.advance(1000);
    begin(&store, &second).await;
    let local = Request {
        run: RunId::from_cause(&["local"]),
        origin: Origin::Local {
            repository: "/src/app".into(),
            head: sha('a'),
            base: sha('b'),
        },
        cause: Cause::Local {
            nonce: "1".into(),
            only: vec![],
        },
    };
    database.clock.advance(1000);
    begin(&store, &local).await;
    store.set_pushed(&second.run, &sha('d')).await.expect("ok");

    let row = store.run(&second.run).await.expect("ok").expect("there");
    assert_eq!(row.place, "octo/app#7");
    assert_eq!(row.repo, Some("octo/app".parse().expect("a name")));
    assert_eq!((row.pull, row.installation), (Some(7), Some(11)));
    assert_eq!((row.head, row.pushed), (sha('b'), Some(sha('d'))));
    assert_eq!((row.requested_ms, row.ended_ms), (START + 1000, None));
    let row = store.run(&first.run).await.expect("ok").expect("there");
    assert_eq!((row.ended_ms, row.latest_seq), (None, 1), "it ends itself");
    let row = store.run(&local.run).await.expect("ok").expect("there");
    assert_eq!((row.repo, row.pull, row.pushed), (None, None, None));

    let runs = |rows: Vec<countersign::edge::store::RunRow>| -> Vec<RunId> {
        rows.into_iter().map(|row| row.run).collect()
    };
    let of = store.runs_of("octo/app#7").await.expect("a list");
    assert_eq!(runs(of), [second.run.clone(), first.run.clone()]);
    let since = |ms| {
        let store = store.clone();
        async move { store.runs_since("octo/app#7", ms).await.expect("a count") }
    };
    assert_eq!((since(START).await, since(START + 1).await), (2, 1));

    let repo: RepoName = "octo/app".parse().expect("a name");
    for (commit, run) in [('a', Some(&first)), ('d', Some(&second)), ('e', None)] {
        let found = store.run_for_commit(&repo, &sha(commit)).await.expect("ok");
        assert_eq!(found.map(|row| row.run), run.map(|run| run.run.clone()));
    }
}

async fn signatures_and_posts_are_replaced_not_repeated(database: Database) {
    let store = database.open().await;
    let signed = |name: &str, text: &str| Signed {
        interaction: name.parse().expect("a key"),
        fingerprint: Digest::of(text.as_bytes()),
        dossier: Digest::of(name.as_bytes()),
    };
    for (name, text) in [
        ("slack/post", "1"),
        ("hubspot/list", "1"),
        ("slack/post", "2"),
    ] {
        let signed = signed(name, text);
        store.sign("octo/app#7", &signed).await.expect("signed");
    }
    let found = store.signed("octo/app#7").await.expect("a list");
    let both = [signed("hubspot/list", "1"), signed("slack/post", "2")];
    assert_eq!(found, both);
    assert!(store.signed("octo/app#8").await.expect("ok").is_empty());
    let key = "hubspot/list".parse().expect("a key");
    store.unsign("octo/app#7", &key).await.expect("forgotten");
    let found = store.signed("octo/app#7").await.expect("a list");
    assert_eq!(found, both[1..]);

    for digest in ["one", "two"] {
        let posted = Posted {
            remote_id: "99".into(),
            digest: digest.into(),
        };
        store.set_posted("run", "check", &posted).await.expect("ok");
        let found = store.posted("run", "check").await.expect("ok");
        assert_eq!(found, Some(posted));
    }
    assert_eq!(store.posted("run", "review").await.expect("ok"), None);
}
