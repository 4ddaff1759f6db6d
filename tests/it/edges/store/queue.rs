//! Jobs: claimed once, tried again, cancelled.

use countersign::domain::ending::CancelReason;
use countersign::domain::limits;
use countersign::edge::store::{Beat, Enqueued, Failed, Hold, job};
use serde_json::json;

use super::{WORK, begin, claim, claimed, ending, request, seconds, work};
use crate::support::database::{Database, START};

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
