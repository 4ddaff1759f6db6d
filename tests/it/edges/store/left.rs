//! What is left to do: taken up by one, put down, told, and never lost.

use std::time::Duration;

use countersign::domain::ending::CancelReason;
use countersign::domain::limits;
use countersign::domain::name::{InteractionKey, RunId};
use countersign::edge::store::{AppendError, Company, Store, StoreError};

use super::{begin, doing, end, request, taken};
use crate::support::database::{Database, START};

on_both! {
    what_is_begun_is_left_to_do_until_it_is_done_and_told
    what_could_not_be_told_is_told_at_the_next_start
    a_place_has_one_run_after_the_other
    whoever_was_overtaken_writes_nothing
    tries_are_counted_since_the_log_grew_last
    what_is_put_down_costs_no_try
    asking_to_stop_is_found_by_whoever_looks
    one_process_has_a_database
    a_build_is_written_of_by_whoever_took_it_up_last
}

async fn what_is_begun_is_left_to_do_until_it_is_done_and_told(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    let places = async || store.places_left().await.expect("a list");
    assert!(places().await.is_empty());
    begin(&store, &request(7, 'a')).await;
    assert_eq!(places().await, ["octo/app#7"]);
    let hold = taken(&store, &run).await.hold;
    let over = end(&store, &run).await;
    store.set_done(&hold).await.expect("done");
    assert_eq!(store.take_up(&run).await.expect("ok"), None, "it is done");
    assert_eq!(store.next_run("octo/app#7").await.expect("ok"), None);
    assert_eq!(places().await, ["octo/app#7"], "nobody was told");

    let untold = store.untold("octo/app#7").await.expect("a list");
    assert_eq!(untold.len(), 1);
    assert_eq!((untold[0].told_seq, untold[0].tries), (0, 0));
    assert_eq!((&untold[0].run, untold[0].requested_ms), (&run, START));
    store.set_tell_tries(&run, 3).await.expect("noted");
    store.set_told(&run, over - 1).await.expect("noted");
    let untold = store.untold("octo/app#7").await.expect("a list");
    assert_eq!((untold[0].told_seq, untold[0].tries), (over - 1, 0));
    store.set_told(&run, over).await.expect("noted");
    store
        .set_told(&run, 1)
        .await
        .expect("late, and no step back");
    assert!(store.untold("octo/app#7").await.expect("ok").is_empty());
    assert!(places().await.is_empty());
}

async fn what_could_not_be_told_is_told_at_the_next_start(database: Database) {
    let store = database.open().await;
    let (run, place) = (request(7, 'a').run, "octo/app#7");
    begin(&store, &request(7, 'a')).await;
    let hold = taken(&store, &run).await.hold;
    let over = end(&store, &run).await;
    store.set_done(&hold).await.expect("done");
    let untold = async || store.untold(place).await.expect("a list");
    store
        .set_tell_tries(&run, limits::TRIES)
        .await
        .expect("noted");
    store.leave_untold(&run, over - 1).await.expect("left out");
    let since = untold().await;
    assert_eq!(
        (since[0].told_seq, since[0].tries),
        (over - 1, 0),
        "what came since is tried anew"
    );
    store.leave_untold(&run, over).await.expect("left out");
    assert!(untold().await.is_empty());

    assert_eq!(store.tell_again(START + 1).await.expect("ok"), 0, "too old");
    assert_eq!(store.tell_again(START).await.expect("ok"), 1);
    assert_eq!(untold().await[0].told_seq, 0, "all of it");
    store.set_told(&run, over).await.expect("told");
    assert_eq!(store.tell_again(START).await.expect("ok"), 0, "it was told");
}

async fn a_place_has_one_run_after_the_other(database: Database) {
    let store = database.open().await;
    let (first, second) = (request(7, 'a'), request(7, 'b'));
    begin(&store, &first).await;
    database.clock.advance(1);
    begin(&store, &second).await;
    begin(&store, &request(8, 'a')).await;
    let next = async || store.next_run("octo/app#7").await.expect("ok");
    assert_eq!(next().await.as_ref(), Some(&first.run), "it has to end");
    let hold = taken(&store, &first.run).await.hold;
    end(&store, &first.run).await;
    assert_eq!(next().await.as_ref(), Some(&first.run), "it is not done");
    store.set_done(&hold).await.expect("done");
    assert_eq!(next().await, Some(second.run));
}

async fn whoever_was_overtaken_writes_nothing(database: Database) {
    let (zombie, other) = (database.open().await, database.open().await);
    let run = request(7, 'a').run;
    begin(&zombie, &request(7, 'a')).await;
    let old = taken(&zombie, &run).await.hold;
    let logged = zombie.append(&run, doing("one"), Some(&old)).await;
    assert_eq!(logged.expect("ours").seq, 2);
    let new = taken(&other, &run).await.hold;
    let fenced = zombie.append(&run, doing("two"), Some(&old)).await;
    assert!(
        matches!(fenced, Err(AppendError::Fenced { .. })),
        "{fenced:?}"
    );
    zombie.set_done(&old).await.expect("changes nothing");
    zombie.note_fault(&old, "late").await.expect("nor this");
    assert_eq!(
        zombie.next_run("octo/app#7").await.expect("ok"),
        Some(run.clone())
    );
    let logged = other.append(&run, doing("three"), Some(&new)).await;
    assert_eq!(logged.expect("ours").seq, 3);
    end(&other, &run).await;
    let after = other.append(&run, doing("four"), Some(&new)).await;
    assert!(matches!(after, Err(AppendError::Over { .. })), "{after:?}");
}

async fn tries_are_counted_since_the_log_grew_last(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    for _ in 0..3 {
        for tries in 1..=limits::TRIES {
            assert_eq!(taken(&store, &run).await.tries, tries);
        }
        let hold = taken(&store, &run).await.hold;
        let logged = store.append(&run, doing("more"), Some(&hold)).await;
        logged.expect("it got further");
    }
    let again = taken(&store, &run).await;
    assert_eq!((again.tries, again.fault), (1, None));
    let long = format!("\0{}", "ä".repeat(2 * limits::NOTE_CHARS));
    store.note_fault(&again.hold, &long).await.expect("noted");
    let fault = taken(&store, &run).await.fault;
    assert_eq!(fault, Some("ä".repeat(limits::NOTE_CHARS)));
}

async fn what_is_put_down_costs_no_try(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    for _ in 0..2 * limits::TRIES {
        let taken = taken(&store, &run).await;
        assert_eq!((taken.tries, taken.requested_ms), (1, START));
        store.put_down(&taken.hold).await.expect("put down");
    }
}

async fn asking_to_stop_is_found_by_whoever_looks(database: Database) {
    let store = database.open().await;
    let (one, other) = (request(7, 'a').run, request(8, 'b').run);
    begin(&store, &request(7, 'a')).await;
    begin(&store, &request(8, 'b')).await;
    let reason = async |run: &RunId| store.cancel_of(run).await.expect("ok");
    for (place, run) in [("octo/app#9", None), ("octo/app#7", Some(&one))] {
        let asked = store.cancel_runs(place, &CancelReason::PullRequestClosed);
        let asked = asked.await.expect("asked");
        assert_eq!(asked, Vec::from_iter(run.cloned()), "{place}");
    }
    assert_eq!(reason(&one).await, Some(CancelReason::PullRequestClosed));
    assert_eq!(reason(&other).await, None);
    // Who said so before it was asked for did not mean it.
    let closed = CancelReason::PullRequestClosed;
    for (until_ms, run) in [(START - 1, None), (START, Some(&other))] {
        let asked = store.cancel_runs_until("octo/app#8", &closed, until_ms);
        let asked = asked.await.expect("asked");
        assert_eq!(asked, Vec::from_iter(run.cloned()), "{until_ms}");
    }
    let again = store.cancel_runs("octo/app#7", &CancelReason::Interrupted);
    again.await.expect("asked");
    let first = Some(CancelReason::PullRequestClosed);
    assert_eq!(reason(&one).await, first, "the first reason stays");
    end(&store, &one).await;
    let late = store.cancel_runs("octo/app#7", &CancelReason::Uninstalled);
    assert_eq!(late.await.expect("ok"), [], "it is over");
    assert_eq!(reason(&RunId::from_cause(&["nothing"])).await, None);
}

async fn one_process_has_a_database(database: Database) {
    let (first, second) = (database.open().await, database.open().await);
    let patience = Duration::from_secs(3);
    let alone = first
        .lock(Company::None, patience)
        .await
        .expect("nobody has it");
    let begun = std::time::Instant::now();
    let taken = second.lock(Company::None, patience).await.err();
    assert!(matches!(taken, Some(StoreError::Taken)), "{taken:?}");
    assert!(begun.elapsed() >= patience, "it waits");
    let waiting = tokio::spawn(waits(second));
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(alone);
    waiting.await.expect("it ends").expect("it is free");
}

async fn waits(store: Store) -> Result<(), StoreError> {
    let patience = Duration::from_secs(60);
    store.lock(Company::None, patience).await.map(drop)
}

async fn a_build_is_written_of_by_whoever_took_it_up_last(database: Database) {
    let (zombie, other) = (database.open().await, database.open().await);
    let run = request(7, 'a').run;
    begin(&zombie, &request(7, 'a')).await;
    let driver = taken(&zombie, &run).await.hold;
    let (post, list) = (key("slack/post"), key("slack/list"));
    let hold = async |store: &Store, of| {
        let hold = store.take_up_build(&run, of).await.expect("it can be");
        hold.expect("it is not over")
    };
    let (old, neighbour) = (hold(&zombie, &post).await, hold(&zombie, &list).await);
    let write =
        async |store: &Store, words, hold| store.append(&run, doing(words), Some(hold)).await;
    write(&zombie, "one", &old).await.expect("ours");
    let new = hold(&other, &post).await;
    for (hold, is_fenced) in [
        (&old, true),
        (&new, false),
        (&neighbour, false),
        (&driver, false),
    ] {
        let written = write(&zombie, "two", hold).await;
        let fenced = matches!(written, Err(AppendError::Fenced { .. }));
        assert_eq!(fenced, is_fenced, "{hold:?}: {written:?}");
    }
    // Builds go on whoever has the run.
    let next = taken(&other, &run).await.hold;
    write(&other, "three", &new).await.expect("ours");
    let faults = [
        zombie.count_fault(&old).await,
        zombie.count_fault(&new).await,
    ];
    assert_eq!(faults.map(|count| count.expect("counted")), [0, 1]);
    let after = write(&zombie, "four", &driver).await;
    assert!(
        matches!(after, Err(AppendError::Fenced { .. })),
        "{after:?}"
    );
    write(&other, "five", &next).await.expect("theirs");
    end(&other, &run).await;
    let over = write(&other, "six", &new).await;
    assert!(matches!(over, Err(AppendError::Over { .. })), "{over:?}");
    let late = other.take_up_build(&run, &post).await.expect("ok");
    assert_eq!(late, None, "it is over");
}

fn key(name: &str) -> InteractionKey {
    name.parse().expect("a key")
}

#[tokio::test(flavor = "multi_thread")]
async fn many_share_a_database_and_nobody_else_works_on_it() {
    let database = Database::postgres();
    let patience = Duration::from_millis(100);
    let (one, two, alone) = (
        database.open().await,
        database.open().await,
        database.open().await,
    );
    let first = one.lock(Company::Many, patience).await.expect("free");
    let second = two.lock(Company::Many, patience).await.expect("shared");
    let refused = async || alone.lock(Company::None, patience).await.err();
    assert!(matches!(refused().await, Some(StoreError::Taken)));
    drop(first);
    assert!(matches!(refused().await, Some(StoreError::Taken)));
    drop(second);
    let _alone = alone
        .lock(Company::None, Duration::from_secs(20))
        .await
        .expect("free");
    let late = one.lock(Company::Many, patience).await.err();
    assert!(matches!(late, Some(StoreError::Taken)));
}
