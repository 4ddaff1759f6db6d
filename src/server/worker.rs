//! Workers: claim a job, keep its lease alive, hand it to the story, and say how it ended.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::ending::Ending;
use crate::domain::event::Event;
use crate::domain::limits;
use crate::edge::store::{AppendError, Beat, Failed, Job, Lease, Store, StoreError, job};
use crate::os::process;
use crate::run;
use crate::run::cancel::Cancellation;
use crate::run::fault::{CancelCause, Fault, Retry};
use crate::run::log::RunLog;
use crate::server::housekeeping::tidy;
use crate::server::reporter;
use crate::server::webhook;

/// How long an idle worker waits before it looks for jobs that another process queued.
const POLL: Duration = Duration::from_millis(500);

/// How long runs have to hear of a shutdown before their agents go; they only have to be woken.
const TOLD: Duration = Duration::from_millis(100);

/// What stands between the name of a process and that of its worker.
const WORKER: &str = "#";

/// What a worker does, and how many jobs of it at once.
#[derive(Debug, Clone, Copy)]
struct Pool {
    kind: &'static str,
    slots: u16,
}

/// Works off the queue until `stop`, then gives back what is under way and returns.
pub async fn work(app: Arc<App>, runs: u16, stop: CancellationToken) {
    let pools = [
        Pool {
            kind: job::DELIVERY,
            slots: 2,
        },
        Pool {
            kind: job::RUN,
            slots: runs.max(1),
        },
        Pool {
            kind: job::REPORT,
            slots: 2,
        },
    ];
    take_over(&app).await;
    let mut slots = JoinSet::new();
    for pool in pools {
        for number in 1..=pool.slots {
            let name = format!("{}{WORKER}{}-{number}", app.process, pool.kind);
            slots.spawn(slot(app.clone(), pool.kind, name, stop.clone()));
        }
    }
    slots.spawn(dismiss(app.clone(), stop.clone()));
    slots.spawn(tidy(app.deps.clone(), stop.clone()));
    slots.spawn(bury(app, stop));
    while slots.join_next().await.is_some() {}
}

/// Ends the agents once the runs have been told that they are called back: one by one, sessions take long to stop.
async fn dismiss(app: Arc<App>, stop: CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(TOLD).await;
    app.deps.machine.agent.stop().await;
}

/// What processes of this machine had leased when they died is free at once: after a crash nobody waits for leases
/// to run out. Of other machines nothing is known, and their leases run out by themselves.
async fn take_over(app: &App) {
    let gone = |worker: &str| {
        worker
            .split_once(WORKER)
            .is_some_and(|(name, _)| process::is_gone(name))
    };
    match app.deps.store.free_leases(gone).await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "taking over what a dead process left"),
        Err(error) => tracing::error!(%error, "the leases of dead processes cannot be read"),
    }
}

async fn slot(app: Arc<App>, kind: &'static str, name: String, stop: CancellationToken) {
    let mut wake = app.deps.store.wake();
    while !stop.is_cancelled() {
        match app.deps.store.claim(&name, &[kind]).await {
            Ok(Some(lease)) => carry_out(&app, lease, &stop).await,
            Ok(None) => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = wake.wait() => {}
                    () = tokio::time::sleep(POLL) => {}
                }
            }
            Err(error) => {
                tracing::error!(%error, "the queue cannot be read");
                tokio::time::sleep(POLL * 4).await;
            }
        }
    }
}

/// Does one job while its lease is kept alive beside it.
async fn carry_out(app: &App, lease: Lease, stop: &CancellationToken) {
    let cancellation = Cancellation::default();
    let result = tokio::select! {
        result = one(app, &lease, &cancellation) => result,
        () = keep(&app.deps.store, &lease, &cancellation, stop) => return,
    };
    let ended = match result {
        Ok(()) => app.deps.store.finish(&lease).await.map(|_| ()),
        Err(Fault::Cancelled(CancelCause::Shutdown)) => {
            app.deps.store.release(&lease).await.map(|_| ())
        }
        Err(Fault::Cancelled(_)) => app.deps.store.finish(&lease).await.map(|_| ()),
        Err(fault) => {
            tracing::warn!(kind = lease.kind, attempt = lease.attempt, %fault, "a job failed");
            let words = fault.to_string();
            let failed = match fault.retry(app.deps.now_ms(), lease.attempt, lease.queued_ms) {
                Retry::Uncounted(at) => {
                    let put_off = app.deps.store.postpone(&lease, &words, at).await;
                    put_off.map(|_| Failed::Again)
                }
                Retry::Counted(at) => app.deps.store.fail(&lease, &words, Some(at)).await,
                Retry::Never => app.deps.store.fail(&lease, &words, None).await,
            };
            match failed {
                Ok(Failed::ForGood) => last_words(app, &lease.kind, &lease.payload, &words).await,
                Ok(Failed::Again | Failed::Lost) => Ok(()),
                Err(error) => Err(error),
            }
        }
    };
    if let Err(error) = ended {
        // The lease runs out by itself, and somebody takes the job up again.
        tracing::error!(%error, kind = lease.kind, "the end of a job could not be written down");
    }
}

async fn one(app: &App, lease: &Lease, cancellation: &Cancellation) -> Result<(), Fault> {
    // A row that is no work is not mended by trying again.
    let job = Job::read(&lease.kind, &lease.payload).map_err(Fault::bug)?;
    match job {
        Job::Delivery { id } => webhook::receive(&app.deps, &id).await,
        Job::Run { run } => {
            let log = RunLog::new(app.deps.store.clone(), run, Some(lease.clone()));
            run::run(&app.deps, &log, cancellation).await
        }
        Job::Report { run } => reporter::report(app, &run).await,
    }
}

/// Says again and again that the job is alive. Returns only when the lease is lost, or when a job that was called
/// back does not end within [`limits::CANCEL_SECONDS`].
async fn keep(store: &Store, lease: &Lease, cancellation: &Cancellation, stop: &CancellationToken) {
    let mut beat = tokio::time::interval(Duration::from_secs(limits::LEASE_SECONDS) / 4);
    let mut cancelled_at = None;
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = stop.cancelled(), if cancellation.cause().is_none() => cancellation.cancel(CancelCause::Shutdown),
        }
        match store.beat(lease).await {
            Ok(Beat::Held) => {}
            Ok(Beat::CancelAsked(reason)) => cancellation.cancel(CancelCause::Asked(reason)),
            Ok(Beat::Lost) => {
                cancellation.cancel(CancelCause::LeaseLost);
                return;
            }
            Err(error) => tracing::error!(%error, "a lease could not be kept"),
        }
        if cancellation.cause().is_some() {
            let since = cancelled_at.get_or_insert_with(tokio::time::Instant::now);
            if since.elapsed() > Duration::from_secs(limits::CANCEL_SECONDS) {
                tracing::error!(
                    kind = lease.kind,
                    "a job did not end when it was cancelled; it is dropped"
                );
                return;
            }
        }
    }
}

/// Tells people about jobs that were given up, also those with nobody left to say so: workers that died again and
/// again.
async fn bury(app: Arc<App>, stop: CancellationToken) {
    let mut every = tokio::time::interval(Duration::from_secs(limits::LEASE_SECONDS));
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => {
                if let Err(error) = tell_of_dead(&app).await {
                    tracing::error!(%error, "people could not be told of a job that was given up");
                }
            }
        }
    }
}

/// A job counts as told only when that is written down: saying a run's last words twice changes nothing.
async fn tell_of_dead(app: &App) -> Result<(), StoreError> {
    for job in app
        .deps
        .store
        .dead(&[job::RUN, job::REPORT, job::DELIVERY])
        .await?
    {
        last_words(app, &job.kind, &job.payload, &job.error).await?;
        app.deps.store.set_told(&job).await?;
    }
    Ok(())
}

/// A run whose job failed for good still ends, and says that it was not the author's fault.
async fn last_words(
    app: &App,
    kind: &str,
    payload: &serde_json::Value,
    error: &str,
) -> Result<(), StoreError> {
    let Ok(Job::Run { run }) = Job::read(kind, payload) else {
        return Ok(());
    };
    let ending = Ending::Faulted {
        why: error.to_owned(),
    };
    match app
        .deps
        .store
        .append(&run, Event::Ended { ending }, None)
        .await
    {
        Ok(_) | Err(AppendError::Over { .. }) => Ok(()),
        Err(AppendError::Store(error)) => Err(error),
        Err(other) => {
            tracing::error!(error = %other, %run, "a run could not be ended");
            Ok(())
        }
    }
}
