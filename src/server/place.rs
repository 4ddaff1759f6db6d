//! What is left to do at a place: one run after the other, each taken up, watched over, and put down or ended.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::domain::ending::Ending;
use crate::domain::event::Event;
use crate::domain::limits;
use crate::domain::name::RunId;
use crate::edge::engine::Next;
use crate::edge::store::{AppendError, Store, StoreError, Taken};
use crate::run;
use crate::run::cancel::Cancellation;
use crate::run::deps::Deps;
use crate::run::fault::{CancelCause, Fault, Retry};
use crate::run::log::RunLog;
use crate::run::measured;

use super::delivery::after;
use super::watch::{Watched, watch};

/// Works off what is left to do there.
///
/// # Errors
/// When the database fails; what was begun is begun again then.
pub async fn work_off(
    deps: &Deps,
    place: &str,
    stop: &CancellationToken,
) -> Result<Next, StoreError> {
    while !stop.is_cancelled() {
        let Some(run) = deps.store.next_run(place).await? else {
            break;
        };
        if let Some(later) = one(deps, &run, stop).await? {
            return Ok(later);
        }
    }
    Ok(Next::Nothing)
}

/// Works on one run. Returns nothing when the next may be looked at.
async fn one(
    deps: &Deps,
    run: &RunId,
    stop: &CancellationToken,
) -> Result<Option<Next>, StoreError> {
    let store = &deps.store;
    let Some(taken) = store.take_up(run).await? else {
        return Ok(None);
    };
    if taken.tries > limits::TRIES {
        let died = "each process that took it up died without a word";
        let why = taken.fault.clone().unwrap_or_else(|| died.to_owned());
        return give_up(store, &taken, why).await.map(|()| None);
    }
    let fault = match carry_out(deps, &taken, stop).await? {
        Ok(()) => return store.set_done(&taken.hold).await.map(|()| None),
        Err(fault) => fault,
    };
    if let Fault::Cancelled(cause) = &fault {
        return match cause {
            // It did not end in time, and what it did was dropped; it ends as soon as it is taken up again.
            CancelCause::Asked(_) | CancelCause::CalledOff => Ok(None),
            CancelCause::Shutdown => store.put_down(&taken.hold).await.map(|()| None),
            CancelCause::Taken => Ok(Some(Next::After(Duration::from_secs(limits::LOOK_SECONDS)))),
        };
    }
    tracing::warn!(%run, tries = taken.tries, %fault, "a run was put down");
    store.note_fault(&taken.hold, &fault.to_string()).await?;
    let now_ms = deps.now_ms();
    match fault.retry(now_ms, taken.tries, taken.requested_ms) {
        Retry::Uncounted(at_ms) => {
            store.put_down(&taken.hold).await?;
            Ok(Some(after(at_ms - now_ms)))
        }
        Retry::Counted(at_ms) if taken.tries < limits::TRIES => Ok(Some(after(at_ms - now_ms))),
        Retry::Counted(_) | Retry::Never => {
            give_up(store, &taken, fault.to_string()).await?;
            Ok(None)
        }
    }
}

/// Carries it out while somebody looks whether it is still wanted.
async fn carry_out(
    deps: &Deps,
    taken: &Taken,
    stop: &CancellationToken,
) -> Result<Result<(), Fault>, StoreError> {
    let run = &taken.hold.run;
    let cancellation = Cancellation::default();
    if let Some(reason) = deps.store.cancel_of(run).await? {
        cancellation.cancel(CancelCause::Asked(reason));
    }
    let log = RunLog::new(deps.store.clone(), run.clone(), Some(taken.hold.clone()));
    let working = AssertUnwindSafe(run::run(deps, &log, &cancellation)).catch_unwind();
    Ok(tokio::select! {
        // The hook has said what and where.
        worked = working => worked.unwrap_or_else(|_| Err(Fault::bug("a panic; the log of this process says where"))),
        cause = watch(&deps.store, run, Watched::Run, &cancellation, stop) => Err(Fault::Cancelled(cause)),
    })
}

/// A run that cannot go on still ends, and says that it was not the author's fault.
async fn give_up(store: &Store, taken: &Taken, why: String) -> Result<(), StoreError> {
    let run = &taken.hold.run;
    tracing::error!(%run, why, "it is given up");
    let ending = Ending::Faulted { why };
    let ended = store.append(run, Event::Ended { ending }, Some(&taken.hold));
    match ended.await {
        Ok(logged) => measured::count(&logged.event),
        Err(AppendError::Over { .. }) => {}
        Err(AppendError::Store(error)) => return Err(error),
        Err(other) => tracing::error!(error = %other, %run, "it could not be ended"),
    }
    store.set_done(&taken.hold).await
}
