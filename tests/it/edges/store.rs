//! Stories of `store`: one suite, told to SQLite and to a real PostgreSQL.

use std::collections::BTreeSet;

use countersign::domain::activity::Activity;
use countersign::domain::delivery::Delivery;
use countersign::domain::ending::{CancelReason, Ending, Successor};
use countersign::domain::event::Event;
use countersign::domain::limits;
use countersign::domain::name::{Digest, RepoName, RunId, Sha};
use countersign::domain::plan::{Placed, Plan, Signed, Step};
use countersign::domain::project::{ProjectFolder, Projects};
use countersign::domain::pull::{Cause, Origin, PullRequest, PullState, Request};
use countersign::domain::retention::{Of, Old};
use countersign::domain::settings::{Commit, Mode};
use countersign::domain::spec::Kind;
use countersign::domain::transcript::Usage;
use countersign::domain::view::State;
use countersign::edge::store::{
    AppendError, Beat, Begun, DeliveryState, Enqueued, Failed, Hold, Lease, NewJob, Posted,
    Receipt, Store, StoreError, job,
};
use serde_json::{Value, json};

use crate::support::database::{Database, START};
use crate::support::tools::spec;

macro_rules! on_both {
    ($($story:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(super::Database::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(super::Database::postgres()).await;
            })*
        }
    };
}

on_both! {
    every_job_is_done_once_by_two_workers
    a_dropped_workers_job_is_anothers_and_the_zombie_is_stopped
    the_jobs_of_a_worker_that_is_known_to_be_dead_are_free_at_once
    a_job_that_kills_every_worker_dies_itself
    a_failed_job_waits_and_is_given_up_in_the_end
    a_clean_shutdown_costs_no_attempt
    waiting_for_somebody_else_costs_no_attempt
    one_key_runs_one_job_at_a_time
    names_are_unique_among_queued_jobs_only
    a_retry_that_meets_its_successor_becomes_one_with_it
    asking_to_cancel_reaches_the_worker_and_drops_the_rest
    an_idle_worker_is_woken_at_once
    a_delivery_is_stored_once_and_tried_again_when_it_failed
    the_same_request_is_one_run
    a_newer_run_supersedes_what_waits_and_stops_what_works
    of_many_runs_begun_at_once_one_stays
    the_log_counts_without_gaps_under_many_writers
    a_worker_that_lost_its_lease_writes_nothing
    progress_is_reported_together_and_results_at_once
    runs_are_found_by_place_time_and_commit
    earlier_runs_are_read_at_once_and_without_their_progress
    a_repository_that_is_gone_leaves_nothing
    deliveries_leave_nothing_but_their_ids
    evidence_is_named_by_old_runs_and_by_others
    signatures_and_posts_are_replaced_not_repeated
    two_processes_open_a_new_database_at_once
    words_that_a_database_may_dislike_are_kept
}

const WORK: &[&str] = &["work"];
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn work(number: u32) -> NewJob {
    NewJob::new("work", json!({ "number": number }))
}

async fn claim(store: &Store, worker: &str) -> Option<Lease> {
    store.claim(worker, WORK).await.expect("a claim")
}

async fn claimed(store: &Store, worker: &str, kinds: &[&str]) -> Lease {
    store
        .claim(worker, kinds)
        .await
        .expect("a claim")
        .expect("there is a job")
}

fn seconds(number: u64) -> i64 {
    number as i64 * 1000
}

async fn every_job_is_done_once_by_two_workers(database: Database) {
    let store = database.open().await;
    for number in 0..40 {
        store.enqueue(&work(number)).await.expect("enqueued");
    }
    let mut workers = Vec::new();
    for name in ["first", "second"] {
        let store = database.open().await;
        workers.push(tokio::spawn(async move {
            let mut done = Vec::new();
            while let Some(lease) = claim(&store, name).await {
                assert_eq!(lease.attempt, 1);
                done.push(lease.payload["number"].as_u64().expect("a number"));
                assert_eq!(store.finish(&lease).await.expect("finished"), Hold::Held);
            }
            done
        }));
    }
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.expect("the worker ends"));
    }
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<u64>>());
}

async fn a_dropped_workers_job_is_anothers_and_the_zombie_is_stopped(database: Database) {
    let (zombie, other) = (database.open().await, database.open().await);
    zombie.enqueue(&work(1)).await.expect("enqueued");
    let old = claimed(&zombie, "zombie", WORK).await;
    assert_eq!(claim(&other, "other").await, None, "the job is leased");

    database.clock.advance(seconds(limits::LEASE_SECONDS) - 1);
    assert_eq!(claim(&other, "other").await, None, "the lease still holds");
    database.clock.advance(1);
    let new = claimed(&other, "other", WORK).await;
    assert_eq!((new.job, new.attempt), (old.job, 2));
    assert!(new.fence > old.fence);

    assert_eq!(zombie.beat(&old).await.expect("a beat"), Beat::Lost);
    assert_eq!(zombie.finish(&old).await.expect("a finish"), Hold::Lost);
    let failed = zombie.fail(&old, "late", Some(0)).await.expect("a failure");
    assert_eq!(failed, Failed::Lost);
    assert_eq!(zombie.release(&old).await.expect("a release"), Hold::Lost);
    assert_eq!(other.beat(&new).await.expect("a beat"), Beat::Held);

    database.clock.advance(seconds(limits::LEASE_SECONDS) - 1);
    assert_eq!(other.beat(&new).await.expect("a beat"), Beat::Held);
    database.clock.advance(seconds(limits::LEASE_SECONDS) - 1);
    assert_eq!(claim(&zombie, "zombie").await, None, "beats renew a lease");
    assert_eq!(other.finish(&new).await.expect("a finish"), Hold::Held);
    assert_eq!(claim(&zombie, "zombie").await, None);
}

async fn the_jobs_of_a_worker_that_is_known_to_be_dead_are_free_at_once(database: Database) {
    let store = database.open().await;
    for number in 1..=2 {
        store.enqueue(&work(number)).await.expect("enqueued");
    }
    let old = claimed(&store, "dead", WORK).await;
    let living = claimed(&store, "living", WORK).await;
    let freed = store.free_leases(|worker| worker == "dead").await;
    assert_eq!(freed.expect("freed"), 1);
    let new = claimed(&store, "other", WORK).await;
    assert_eq!((new.job, new.attempt), (old.job, 2));
    assert_eq!(store.beat(&old).await.expect("a beat"), Beat::Lost);
    assert_eq!(store.beat(&living).await.expect("a beat"), Beat::Held);
    assert_eq!(claim(&store, "other").await, None, "the rest is leased");
    let freed = store.free_leases(|worker| worker == "dead").await;
    assert_eq!(freed.expect("nothing"), 0);
}

async fn a_job_that_kills_every_worker_dies_itself(database: Database) {
    let store = database.open().await;
    store.enqueue(&work(1)).await.expect("enqueued");
    for attempt in 1..=limits::JOB_ATTEMPTS {
        let lease = claimed(&store, "doomed", WORK).await;
        assert_eq!(lease.attempt, attempt);
        assert!(store.dead(WORK).await.expect("a list").is_empty());
        database.clock.advance(seconds(limits::LEASE_SECONDS));
    }
    assert_eq!(claim(&store, "doomed").await, None);
    assert!(store.dead(&["other"]).await.expect("a list").is_empty());
    let dead = store.dead(WORK).await.expect("a list");
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].payload, json!({"number": 1}));
    assert!(dead[0].error.contains("stopped without a word"));
    let again = store.dead(WORK).await.expect("a list");
    assert_eq!(again, dead, "whoever should have told may have died");
    store.set_told(&dead[0]).await.expect("noted");
    let again = store.dead(WORK).await.expect("a list");
    assert!(again.is_empty(), "people are told once");
}

async fn a_failed_job_waits_and_is_given_up_in_the_end(database: Database) {
    let store = database.open().await;
    store.enqueue(&work(1)).await.expect("enqueued");
    for attempt in 1..limits::JOB_ATTEMPTS {
        let lease = claimed(&store, "worker", WORK).await;
        assert_eq!(lease.attempt, attempt);
        let retry = database.clock.now_ms() + 500;
        let failed = store.fail(&lease, "no luck", Some(retry)).await;
        assert_eq!(failed.expect("a failure"), Failed::Again);
        database.clock.advance(499);
        assert_eq!(claim(&store, "worker").await, None, "it waits its time");
        database.clock.advance(1);
    }
    let lease = claimed(&store, "worker", WORK).await;
    let failed = store.fail(&lease, "no luck at all", Some(0)).await;
    assert_eq!(failed.expect("a failure"), Failed::ForGood);
    assert_eq!(claim(&store, "worker").await, None);
    let dead = store.dead(WORK).await.expect("a list");
    assert_eq!(dead[0].error, "no luck at all");

    store.enqueue(&work(2)).await.expect("enqueued");
    let lease = claimed(&store, "worker", WORK).await;
    let failed = store.fail(&lease, "hopeless", None).await;
    assert_eq!(failed.expect("a failure"), Failed::ForGood);
    database.clock.advance(1);
    let early = store.tidy(database.clock.now_ms()).await;
    assert_eq!(early.expect("tidied"), 0, "nobody was told yet");
    for dead in store.dead(WORK).await.expect("a list") {
        store.set_told(&dead).await.expect("noted");
    }
    let tidied = store.tidy(database.clock.now_ms()).await;
    assert_eq!(tidied.expect("tidied"), 2);
}

async fn waiting_for_somebody_else_costs_no_attempt(database: Database) {
    let store = database.open().await;
    store.enqueue(&work(1)).await.expect("enqueued");
    for _ in 0..2 * limits::JOB_ATTEMPTS {
        let lease = claimed(&store, "worker", WORK).await;
        assert_eq!((lease.attempt, lease.queued_ms), (1, START));
        let at = database.clock.now_ms() + 500;
        let held = store.postpone(&lease, "GitHub is away", at).await;
        assert_eq!(held.expect("postponed"), Hold::Held);
        assert_eq!(claim(&store, "worker").await, None, "it waits");
        database.clock.advance(500);
    }
    assert!(store.dead(WORK).await.expect("a list").is_empty());
}

async fn a_clean_shutdown_costs_no_attempt(database: Database) {
    let store = database.open().await;
    store.enqueue(&work(1)).await.expect("enqueued");
    for _ in 0..2 * limits::JOB_ATTEMPTS {
        let lease = claimed(&store, "worker", WORK).await;
        assert_eq!(lease.attempt, 1);
        assert_eq!(store.release(&lease).await.expect("released"), Hold::Held);
    }
    assert!(store.dead(WORK).await.expect("a list").is_empty());
}

async fn one_key_runs_one_job_at_a_time(database: Database) {
    let store = database.open().await;
    for number in 0..8 {
        let job = work(number).key("octo/app#7");
        store.enqueue(&job).await.expect("enqueued");
    }
    // Many workers that all want the same key at the same time, again and again: one gets it.
    let mut leases = Vec::new();
    for _ in 0..20 {
        if let Some(lease) = leases.pop() {
            assert_eq!(store.release(&lease).await.expect("released"), Hold::Held);
        }
        let claims = (0..8).map(|_| claim(&store, "one of many"));
        let claims = futures_util::future::join_all(claims).await;
        leases.extend(claims.into_iter().flatten());
        assert_eq!(leases.len(), 1, "{leases:?}");
    }

    store.enqueue(&work(100)).await.expect("enqueued");
    let free = claimed(&store, "worker", WORK).await;
    assert_eq!(free.payload["number"], 100, "others are not held up");
    store.finish(&free).await.expect("finished");

    let mut order = Vec::new();
    let mut lease = leases.pop().expect("one lease");
    loop {
        order.push(lease.payload["number"].as_u64().expect("a number"));
        assert_eq!(claim(&store, "worker").await, None, "the key is taken");
        store.finish(&lease).await.expect("finished");
        match claim(&store, "worker").await {
            Some(next) => lease = next,
            None => break,
        }
    }
    assert_eq!(
        order,
        (0..8).collect::<Vec<u64>>(),
        "first come, first served"
    );
}

async fn names_are_unique_among_queued_jobs_only(database: Database) {
    let store = database.open().await;
    let job = work(1).dedupe("report:7");
    let later = job.clone().at(START + 5_000);
    assert!(matches!(
        store.enqueue(&later).await.expect("enqueued"),
        Enqueued::New(_)
    ));
    assert_eq!(claim(&store, "worker").await, None, "it is for later");
    assert_eq!(store.enqueue(&job).await.expect("known"), Enqueued::Known);
    assert_eq!(store.enqueue(&later).await.expect("known"), Enqueued::Known);
    let lease = claimed(&store, "worker", WORK).await;
    assert_eq!(claim(&store, "worker").await, None, "there is only one");

    // What happens while the job runs must lead to one more look, and to only one.
    assert!(matches!(
        store.enqueue(&job).await.expect("enqueued"),
        Enqueued::New(_)
    ));
    assert_eq!(store.enqueue(&job).await.expect("known"), Enqueued::Known);
    store.finish(&lease).await.expect("finished");
    let second = claimed(&store, "worker", WORK).await;
    store.finish(&second).await.expect("finished");
    assert_eq!(claim(&store, "worker").await, None);
}

async fn a_retry_that_meets_its_successor_becomes_one_with_it(database: Database) {
    let store = database.open().await;
    let job = work(1).dedupe("report:7").key("report:7");
    store.enqueue(&job).await.expect("enqueued");
    let first = claimed(&store, "worker", WORK).await;
    store.enqueue(&job).await.expect("enqueued");
    let failed = store.fail(&first, "GitHub is away", Some(START)).await;
    assert_eq!(failed.expect("a failure"), Failed::Again);
    let second = claimed(&store, "worker", WORK).await;
    assert_ne!(first.job, second.job);
    store.finish(&second).await.expect("finished");
    assert_eq!(claim(&store, "worker").await, None);
    assert!(store.dead(WORK).await.expect("a list").is_empty());
}

async fn asking_to_cancel_reaches_the_worker_and_drops_the_rest(database: Database) {
    let store = database.open().await;
    let (working, waiting) = (request(7, 'a'), request(8, 'b'));
    begin(&store, &working).await;
    let lease = claimed(&store, "worker", &[job::RUN]).await;
    begin(&store, &waiting).await;
    for (place, run) in [
        ("octo/app#9", None),
        ("octo/app#8", Some(&waiting.run)),
        ("octo/app#7", Some(&working.run)),
    ] {
        let cancelled = store.cancel_runs(place, &CancelReason::PullRequestClosed);
        let cancelled = cancelled.await.expect("asked");
        assert_eq!(cancelled, Vec::from_iter(run.cloned()), "{place}");
    }
    assert_eq!(ending(&store, &working.run).await, None, "it ends itself");
    assert!(ending(&store, &waiting.run).await.is_some());
    let asked = Beat::CancelAsked(CancelReason::PullRequestClosed);
    assert_eq!(store.beat(&lease).await.expect("a beat"), asked);
    let again = store.cancel_runs("octo/app#7", &CancelReason::Interrupted);
    again.await.expect("asked");
    assert_eq!(
        store.beat(&lease).await.expect("a beat"),
        asked,
        "the first reason stays"
    );
    store.finish(&lease).await.expect("finished");
    let none = store.claim("worker", &[job::RUN]).await.expect("a claim");
    assert_eq!(none, None);
}

async fn an_idle_worker_is_woken_at_once(database: Database) {
    let store = database.open().await;
    let mut wake = store.wake();
    assert_eq!(claim(&store, "worker").await, None);
    // Queued between the look and the wait: must not be slept through.
    store.enqueue(&work(1)).await.expect("enqueued");
    let begun = std::time::Instant::now();
    wake.wait().await;
    assert!(begun.elapsed().as_millis() < u128::from(limits::QUEUE_POLL_MS) / 2);
    assert!(claim(&store, "worker").await.is_some());
    let begun = std::time::Instant::now();
    wake.wait().await;
    assert!(begun.elapsed().as_millis() >= u128::from(limits::QUEUE_POLL_MS) - 50);
}

async fn a_delivery_is_stored_once_and_tried_again_when_it_failed(database: Database) {
    let store = database.open().await;
    let delivery = Delivery {
        id: "8f3c".into(),
        event: "pull_request".into(),
        body: r#"{"action":"opened"}"#.into(),
    };
    let receive = || async { store.receive(&delivery).await.expect("received") };
    assert_eq!(receive().await, Receipt::New);
    let received = Receipt::Known(DeliveryState::Received);
    assert_eq!(receive().await, received);
    let lease = claimed(&store, "worker", &[job::DELIVERY]).await;
    assert_eq!(lease.payload, json!({"id": "8f3c"}));
    assert_eq!(receive().await, received, "while it is worked off");
    let found = store.delivery("8f3c").await.expect("read").expect("there");
    assert_eq!(found, (delivery.clone(), DeliveryState::Received));

    let end = |state| {
        let store = store.clone();
        async move {
            let ended = store.delivery_ended("8f3c", state, "a note").await;
            ended.expect("noted");
        }
    };
    let failed = store.fail(&lease, "GitHub is away", None).await;
    assert_eq!(failed.expect("a failure"), Failed::ForGood);
    let none = store.claim("worker", &[job::DELIVERY]).await;
    assert_eq!(none.expect("a claim"), None, "it was not queued twice");
    end(DeliveryState::Failed).await;
    assert_eq!(receive().await, Receipt::Known(DeliveryState::Failed));
    let again = claimed(&store, "worker", &[job::DELIVERY]).await;
    assert_eq!(again.payload, json!({"id": "8f3c"}));
    store.finish(&again).await.expect("finished");
    end(DeliveryState::Done).await;
    assert_eq!(receive().await, Receipt::Known(DeliveryState::Done));
    let nothing = store.claim("worker", &[job::DELIVERY]).await;
    assert_eq!(nothing.expect("a claim"), None);
    assert_eq!(store.delivery("none").await.expect("read"), None);
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
    let lease = claimed(&store, "worker", &[job::RUN]).await;
    assert_eq!(lease.payload, json!({"run": request.run}));
    let more = store.claim("worker", &[job::RUN]).await.expect("a claim");
    assert_eq!(more, None);
    let report = claimed(&store, "worker", &[job::REPORT]).await;
    assert_eq!(report.payload, json!({"run": request.run}));
}

async fn a_newer_run_supersedes_what_waits_and_stops_what_works(database: Database) {
    let store = database.open().await;
    let (first, second, third) = (request(7, 'a'), request(7, 'b'), request(7, 'c'));
    let elsewhere = request(8, 'a');
    begin(&store, &elsewhere).await;
    let other = claimed(&store, "worker", &[job::RUN]).await;
    begin(&store, &first).await;
    let lease = claimed(&store, "worker", &[job::RUN]).await;
    assert_eq!(lease.payload, json!({"run": first.run}));

    database.clock.advance(1);
    let superseded = vec![first.run.clone()];
    assert_eq!(begin(&store, &second).await, Begun::New { superseded });
    assert_eq!(ending(&store, &first.run).await, None, "it ends itself");
    let reason = CancelReason::Superseded {
        by: second.run.clone(),
    };
    assert_eq!(
        store.beat(&lease).await.expect("a beat"),
        Beat::CancelAsked(reason.clone())
    );
    assert_eq!(store.beat(&other).await.expect("a beat"), Beat::Held);

    database.clock.advance(1);
    let mut superseded = vec![first.run.clone(), second.run.clone()];
    superseded.sort();
    assert_eq!(begin(&store, &third).await, Begun::New { superseded });
    let by = Successor::Run(third.run.clone());
    let waited = ending(&store, &second.run).await;
    assert_eq!(waited, Some(Ending::Superseded { by }));
    let active = active(&store, "octo/app#7").await;
    assert_eq!(active, [third.run.clone(), first.run.clone()]);

    let none = store.claim("worker", &[job::RUN]).await.expect("a claim");
    assert_eq!(none, None, "the third waits for the first");
    let ended = Event::Ended {
        // As whoever worked on it does, with the reason that the beat brought.
        ending: Ending::stopped(reason),
    };
    let logged = store.append(&first.run, ended, Some(&lease)).await;
    logged.expect("the first ends itself");
    store.finish(&lease).await.expect("finished");
    let next = claimed(&store, "worker", &[job::RUN]).await;
    assert_eq!(next.payload, json!({"run": third.run}));
    let over = store.append(&second.run, doing("more"), None).await;
    assert!(matches!(over, Err(AppendError::Over { .. })), "{over:?}");

    let reason = CancelReason::PullRequestClosed;
    let cancelled = store.cancel_runs("octo/app#7", &reason).await;
    let one = std::slice::from_ref(&third.run);
    assert_eq!(cancelled.expect("cancelled"), one);
    let asked = Beat::CancelAsked(reason.clone());
    assert_eq!(store.beat(&next).await.expect("a beat"), asked);
    begin(&store, &request(9, 'a')).await;
    store
        .cancel_runs("octo/app#9", &reason)
        .await
        .expect("done");
    let ended = ending(&store, &request(9, 'a').run).await;
    assert_eq!(ended, Some(Ending::Cancelled { reason }));
    assert_eq!(begin(&store, &third).await, Begun::Known);
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
    assert_eq!(active.len(), 1, "{active:?}");
    let lease = claimed(&stores[1], "worker", &[job::RUN]).await;
    assert_eq!(lease.payload, json!({"run": active[0]}));
    stores[1].finish(&lease).await.expect("finished");
    let more = stores[0].claim("worker", &[job::RUN]).await;
    assert_eq!(more.expect("a claim"), None);
}

async fn the_log_counts_without_gaps_under_many_writers(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let mut watcher = store.subscribe();
    let mut writers = Vec::new();
    for writer in 0..8 {
        let run = run.clone();
        let store = if writer % 2 == 0 {
            store.clone()
        } else {
            database.open().await
        };
        writers.push(tokio::spawn(async move {
            for line in 0..10 {
                let event = doing(&format!("{writer}: {line}"));
                store.append(&run, event, None).await.expect("appended");
            }
        }));
    }
    for writer in writers {
        writer.await.expect("the writer ends");
    }
    let events = store.events(&run, 0).await.expect("the log");
    let numbers: Vec<i64> = events.iter().map(|logged| logged.seq).collect();
    assert_eq!(numbers, (1..=81).collect::<Vec<i64>>());
    let tail = store.events(&run, 79).await.expect("the log");
    assert_eq!(tail, events[79..]);
    let (told, seq) = watcher.recv().await.expect("a wake-up");
    assert!(told == run && seq > 1);
    let unknown = RunId::from_cause(&["nothing"]);
    let error = store.append(&unknown, doing("x"), None).await;
    assert!(matches!(error, Err(AppendError::Unknown { .. })));
}

async fn a_worker_that_lost_its_lease_writes_nothing(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let old = claimed(&store, "zombie", &[job::RUN]).await;
    let logged = store.append(&run, doing("one"), Some(&old)).await;
    assert_eq!(logged.expect("ours").seq, 2);
    database.clock.advance(seconds(limits::LEASE_SECONDS));
    let new = claimed(&store, "other", &[job::RUN]).await;
    let fenced = store.append(&run, doing("two"), Some(&old)).await;
    assert!(
        matches!(fenced, Err(AppendError::Fenced { .. })),
        "{fenced:?}"
    );
    let logged = store.append(&run, doing("three"), Some(&new)).await;
    assert_eq!(logged.expect("ours").seq, 3);
    store.finish(&new).await.expect("finished");
    let after = store.append(&run, doing("four"), Some(&new)).await;
    assert!(
        matches!(after, Err(AppendError::Fenced { .. })),
        "{after:?}"
    );
    assert_eq!(store.events(&run, 0).await.expect("the log").len(), 3);
}

async fn progress_is_reported_together_and_results_at_once(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let report = || async { store.claim("reporter", &[job::REPORT]).await.expect("ok") };
    let first = report().await.expect("the beginning is reported at once");
    store.finish(&first).await.expect("finished");
    for line in 0..5 {
        let event = doing(&format!("line {line}"));
        store.append(&run, event, None).await.expect("appended");
    }
    assert_eq!(report().await, None);
    database.clock.advance(limits::REPORT_COALESCE_MS);
    let second = report().await.expect("one report of all five");
    store.append(&run, doing("more"), None).await.expect("ok");
    store.finish(&second).await.expect("finished");
    assert_eq!(report().await, None);
    let ended = Event::Ended {
        ending: Ending::Finished,
    };
    store.append(&run, ended, None).await.expect("appended");
    let third = report().await.expect("the end is reported at once");
    store.finish(&third).await.expect("finished");
    database.clock.advance(limits::REPORT_COALESCE_MS);
    assert_eq!(report().await, None);
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
    assert_eq!((row.ended_ms, row.latest_seq), (Some(START + 1000), 2));
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

async fn a_repository_that_is_gone_leaves_nothing(database: Database) {
    let store = database.open().await;
    let (working, waiting) = (request(7, 'a'), request(8, 'a'));
    begin(&store, &working).await;
    let lease = claimed(&store, "worker", &[job::RUN]).await;
    begin(&store, &waiting).await;
    let posted = Posted {
        remote_id: "1".into(),
        digest: "d".into(),
    };
    let place = "octo/app#8";
    store
        .set_posted(place, "summary", &posted)
        .await
        .expect("ok");
    let repo = "octo/app".parse().expect("a name");
    let gone = Of::Repo(repo);
    let removed = CancelReason::RepositoryRemoved;
    let mut stopped = store.stop_runs(&gone, &removed).await.expect("stopped");
    stopped.sort();
    let mut both = vec![working.run.clone(), waiting.run.clone()];
    both.sort();
    assert_eq!(stopped, both);
    store.forget(&gone).await.expect("forgotten");
    assert_eq!(store.run(&waiting.run).await.expect("ok"), None);
    assert!(store.events(&waiting.run, 0).await.expect("ok").is_empty());
    assert_eq!(store.posted(place, "summary").await.expect("ok"), None);
    assert!(matches!(
        store.beat(&lease).await.expect("a beat"),
        Beat::CancelAsked(_)
    ));
    let ended = Event::Ended {
        ending: Ending::Finished,
    };
    store
        .append(&working.run, ended, Some(&lease))
        .await
        .expect("it still may end");
    store.finish(&lease).await.expect("finished");
    let names = |of| {
        let store = store.clone();
        async move { store.repos_of(&of).await.expect("names") }
    };
    for (other, there) in [(99, 0), (11, 1)] {
        let gone = Of::Installation(other);
        assert_eq!(names(gone.clone()).await.len(), there);
        let stopped = store.stop_runs(&gone, &removed).await.expect("ok");
        assert_eq!(stopped, [], "nothing runs");
        let run = store.run(&working.run).await.expect("ok");
        assert!(run.is_some(), "{other}");
        store.forget(&gone).await.expect("forgotten");
    }
    assert_eq!(names(Of::All).await, []);
    assert_eq!(store.run(&working.run).await.expect("ok"), None);
    let report = store.claim("worker", &[job::REPORT, job::RUN]).await;
    assert_eq!(report.expect("a claim"), None);
}

/// What was worked off keeps its id and nothing else, and what nobody will work off any more goes in the end.
async fn deliveries_leave_nothing_but_their_ids(database: Database) {
    let store = database.open().await;
    let all = [
        ("done", Some(DeliveryState::Done)),
        ("ignored", Some(DeliveryState::Ignored)),
        ("failed", Some(DeliveryState::Failed)),
        ("dead", None),
    ];
    let receive = async |id: &str| {
        let delivery = Delivery {
            id: id.into(),
            event: "ping".into(),
            body: format!(r#"{{"of": "{id}"}}"#),
        };
        store.receive(&delivery).await.expect("received")
    };
    for (id, state) in all {
        receive(id).await;
        let lease = claimed(&store, "worker", &[job::DELIVERY]).await;
        match state {
            Some(state) => {
                let ended = store.delivery_ended(id, state, "a note").await;
                ended.expect("noted");
                store.finish(&lease).await.expect("finished");
            }
            None => {
                let failed = store.fail(&lease, "hopeless", None).await;
                failed.expect("a failure");
            }
        }
    }
    receive("queued").await;
    let body = async |id: &str| {
        let found = store.delivery(id).await.expect("read");
        found.map(|(delivery, _)| delivery.body)
    };
    for (id, kept) in [("done", ""), ("ignored", "")] {
        assert_eq!(body(id).await.as_deref(), Some(kept), "{id}");
    }
    for id in ["failed", "dead", "queued"] {
        assert_eq!(body(id).await, Some(format!(r#"{{"of": "{id}"}}"#)));
    }
    let known = Receipt::Known(DeliveryState::Ignored);
    assert_eq!(
        receive("ignored").await,
        known,
        "it is not worked off again"
    );

    let asked = std::sync::Mutex::new(Vec::new());
    let forgotten = store.forget_deliveries(|body| {
        asked.lock().expect("no panic").push(body.to_owned());
        body.contains("failed") || body.contains("queued")
    });
    forgotten.await.expect("forgotten");
    let mut asked = asked.into_inner().expect("no panic");
    asked.sort();
    assert_eq!(asked, [r#"{"of": "dead"}"#, r#"{"of": "failed"}"#]);
    assert_eq!(body("failed").await, None);
    assert!(
        body("queued").await.is_some(),
        "it is still to be worked off"
    );

    database.clock.advance(DAY_MS);
    receive("young").await;
    let forgotten = store.tidy(START + DAY_MS).await.expect("tidied");
    assert_eq!(forgotten, 3);
    for (id, stays) in [
        ("done", false),
        ("ignored", false),
        ("dead", false),
        ("queued", true),
        ("young", true),
    ] {
        assert_eq!(body(id).await.is_some(), stays, "{id}");
    }
}

/// Runs of three pull requests: an old one, one of whose runs only one is old, and one that is at work.
async fn evidence_is_named_by_old_runs_and_by_others(database: Database) {
    let store = database.open().await;
    let digest = |text: &str| Digest::of(text.as_bytes());
    let run = async |request: &Request, evidence: &str, end: bool| {
        begin(&store, request).await;
        let sealed = Event::Sealed {
            interaction: "slack/users".parse().expect("a key"),
            attempt: 1,
            dossier: digest(evidence),
        };
        store.append(&request.run, sealed, None).await.expect("ok");
        if end {
            let ending = Ending::Finished;
            let ended = store.append(&request.run, Event::Ended { ending }, None);
            ended.await.expect("ended");
        }
    };
    let sign = async |place: &str, evidence: &str| {
        let signed = Signed {
            interaction: "slack/users".parse().expect("a key"),
            fingerprint: digest("fingerprint"),
            dossier: digest(evidence),
        };
        store.sign(place, &signed).await.expect("signed");
    };
    run(&request(7, 'a'), "seven", true).await;
    run(&request(8, 'a'), "eight", true).await;
    run(&request(9, 'a'), "nine", false).await;
    sign("octo/app#7", "seven").await;
    sign("octo/app#8", "carried").await;
    database.clock.advance(DAY_MS);
    run(&request(8, 'b'), "eight again", true).await;

    let old = |of| Old {
        of,
        before_ms: START + DAY_MS,
    };
    let all = old(Of::All);
    let named = store.evidence(&all).await.expect("listed");
    let has = |named: &BTreeSet<Digest>, text: &str| named.contains(&digest(text));
    for (text, going) in [
        ("seven", true),
        ("eight", true),
        ("nine", false),
        ("eight again", false),
    ] {
        let (goes, stays) = (has(&named.going, text), has(&named.staying, text));
        assert_eq!((goes, stays), (going, !going), "{text}");
    }
    assert!(has(&named.staying, "carried"), "it may be carried again");

    for (of, goes) in [
        (Of::Place("octo/app#7".into()), ["seven"].as_slice()),
        (Of::Place("octo/app#9".into()), &[]),
        (Of::Repo("octo/other".parse().expect("a name")), &[]),
        (
            Of::Repo("octo/app".parse().expect("a name")),
            &["seven", "eight"],
        ),
        (Of::Installation(11), &["seven", "eight"]),
        (Of::Installation(12), &[]),
    ] {
        let named = store.evidence(&old(of.clone())).await.expect("listed");
        for text in ["seven", "eight", "nine", "eight again"] {
            let is_meant = goes.contains(&text);
            assert_eq!(has(&named.going, text), is_meant, "{text} of {of:?}");
            assert_eq!(has(&named.staying, text), !is_meant, "{text} of {of:?}");
        }
    }

    store
        .unsign_old(&old(Of::Place("octo/app#8".into())))
        .await
        .expect("ok");
    let signed = async |place: &str| store.signed(place).await.expect("ok").len();
    assert_eq!(
        (signed("octo/app#7").await, signed("octo/app#8").await),
        (1, 1)
    );
    store.unsign_old(&all).await.expect("ok");
    assert_eq!(
        (signed("octo/app#7").await, signed("octo/app#8").await),
        (0, 1)
    );
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

async fn two_processes_open_a_new_database_at_once(database: Database) {
    let (first, second) = tokio::join!(database.open(), database.open());
    first.enqueue(&work(1)).await.expect("enqueued");
    first.close().await;
    assert!(claim(&second, "worker").await.is_some());
    second.ping().await.expect("it answers");
    assert!(first.ping().await.is_err());
}

async fn words_that_a_database_may_dislike_are_kept(database: Database) {
    let store = database.open().await;
    let run = request(7, 'a').run;
    begin(&store, &request(7, 'a')).await;
    let words = "NUL \0, quote ', \u{1F600}, \u{FFFF}, $1 %s \\u0000";
    store.append(&run, doing(words), None).await.expect("kept");
    let events = store.events(&run, 1).await.expect("the log");
    assert_eq!(events[0].event, doing(words));
    let payload: Value = json!({ "text": words, "float": 0.1, "large": u64::MAX });
    let job = NewJob::new("work", payload.clone());
    store.enqueue(&job).await.expect("enqueued");
    let lease = claimed(&store, "worker", WORK).await;
    assert_eq!(lease.payload, payload);
    let long = format!("\0{}", "ä".repeat(2 * limits::NOTE_CHARS));
    store.fail(&lease, &long, None).await.expect("failed");
    let dead = store.dead(WORK).await.expect("a list");
    assert_eq!(dead[0].error, "ä".repeat(limits::NOTE_CHARS));
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_being_shown() {
    let now = || -> countersign::os::clock::Now { std::sync::Arc::new(|| 0) };
    let error = Store::open("mysql://u:hunter2@h/db", now()).await.err();
    assert!(matches!(error, Some(StoreError::Scheme)), "{error:?}");
    let closed = "postgres://u:hunter2@127.0.0.1:1/db";
    let error = Store::open(closed, now()).await.err().expect("refused");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

async fn earlier_runs_are_read_at_once_and_without_their_progress(database: Database) {
    let store = database.open().await;
    let (first, second) = (request(7, 'a'), request(7, 'b'));
    begin(&store, &first).await;
    let spec = spec("slack/post", Kind::Action, None);
    let begins = Placed::of(&spec);
    let step = Step::Build {
        fingerprint: Digest::of(b"what goes into it"),
        spec,
    };
    let planned = Event::Planned {
        plan: Plan {
            steps: vec![step],
            ..Plan::default()
        },
        merge_base: first.head().clone(),
        projects: Projects::one(ProjectFolder::named("nango-integrations")),
        commit: Commit::Countersigned,
        watched: Mode::Strict,
    };
    for event in [planned, doing("much"), doing("more")] {
        store.append(&first.run, event, None).await.expect("logged");
    }
    database.clock.advance(1);
    begin(&store, &second).await;
    begin(&store, &request(8, 'a')).await;

    let history = store.history("octo/app#7").await.expect("a history");
    let view = history.newest_for(first.head()).expect("the first run");
    assert_eq!(view.rows[0].state, State::Waiting, "progress was left out");
    assert!(matches!(view.ending, Some(Ending::Superseded { .. })));
    let begun = history.begun(&second.run);
    assert_eq!(begun, [begins].into());
    assert!(history.begun(&first.run).is_empty(), "not its own");
    let planned = history.newest_planned().expect("a run with a plan");
    assert_eq!(planned.request.expect("a request").run, first.run);
    let none = store.history("octo/app#9").await.expect("a history");
    assert!(none.newest_planned().is_none() && none.judged().is_empty());
}
