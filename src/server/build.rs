//! One build that an engine brought us: taken up, watched over, and put down or ended.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::domain::attempt_fault::AttemptFault;
use crate::domain::event::Event;
use crate::domain::limits;
use crate::domain::name::{InteractionKey, RunId};
use crate::edge::engine::{Build, Next};
use crate::edge::store::{Hold, StoreError};
use crate::run::cancel::Cancellation;
use crate::run::deps::Deps;
use crate::run::elsewhere::{self, Contexts};
use crate::run::fault::{CancelCause, Fault, Retry};
use crate::run::log::RunLog;

use super::delivery::after;
use super::watch::{Watched, watch};

/// Builds it, unless that was done or is not wanted any more.
///
/// # Errors
/// When the database fails; what was begun is begun again then.
pub async fn work_off(
    deps: &Deps,
    contexts: &Contexts,
    build: &Build,
    lost: &CancellationToken,
    stop: &CancellationToken,
) -> Result<Next, StoreError> {
    let (Ok(run), Ok(interaction)) = (
        build.run.parse::<RunId>(),
        build.interaction.parse::<InteractionKey>(),
    ) else {
        tracing::error!(?build, "the engine asks for a build that there cannot be");
        return Ok(Next::Nothing);
    };
    if stop.is_cancelled() {
        return Ok(Next::After(Duration::ZERO));
    }
    if deps.store.cancel_of(&run).await?.is_some() {
        return Ok(Next::Nothing);
    }
    let Some(hold) = deps.store.take_up_build(&run, &interaction).await? else {
        return Ok(Next::Nothing);
    };
    let log = RunLog::new(deps.store.clone(), run.clone(), Some(hold.clone()));
    let cancellation = Cancellation::default();
    let building = elsewhere::build(
        deps,
        contexts,
        &log,
        &cancellation,
        &interaction,
        build.repute,
    );
    let watched = Watched::Build { lost };
    let built = tokio::select! {
        // The hook has said what and where.
        built = AssertUnwindSafe(building).catch_unwind() => built.unwrap_or_else(|_| {
            Err(Fault::passing("build", "a panic; the log of this process says where"))
        }),
        cause = watch(&deps.store, &run, watched, &cancellation, stop) => Err(Fault::Cancelled(cause)),
    };
    let fault = match built {
        Ok(())
        | Err(Fault::Cancelled(
            CancelCause::Asked(_) | CancelCause::CalledOff | CancelCause::Taken,
        )) => {
            return Ok(Next::Nothing);
        }
        // Another process goes on with it, at once.
        Err(Fault::Cancelled(CancelCause::Shutdown)) => return Ok(Next::After(Duration::ZERO)),
        Err(fault) => fault,
    };
    tracing::warn!(%run, %interaction, %fault, "a build was put down");
    put_down(deps, &log, &hold, &interaction, fault).await
}

/// Tries again later, or gives this build up, alone.
async fn put_down(
    deps: &Deps,
    log: &RunLog,
    hold: &Hold,
    interaction: &InteractionKey,
    fault: Fault,
) -> Result<Next, StoreError> {
    let now_ms = deps.now_ms();
    let requested_ms = deps.store.run(log.run()).await?;
    let requested_ms = requested_ms.map_or(now_ms, |run| run.requested_ms);
    match fault.retry(now_ms, 0, requested_ms) {
        Retry::Uncounted(at_ms) => return Ok(after(at_ms - now_ms)),
        Retry::Counted(_) => {
            let faults = deps.store.count_fault(hold).await?;
            if faults < limits::TRIES
                && let Retry::Counted(at_ms) = fault.retry(now_ms, faults, requested_ms)
            {
                return Ok(after(at_ms - now_ms));
            }
        }
        Retry::Never => {}
    }
    match give_up(log, interaction, fault.to_string()).await {
        Ok(()) | Err(Fault::Cancelled(_)) => Ok(Next::Nothing),
        Err(error) => {
            tracing::error!(%error, %interaction, "a build could not be given up");
            Ok(Next::After(super::DATABASE_PAUSE))
        }
    }
}

async fn give_up(log: &RunLog, interaction: &InteractionKey, fault: String) -> Result<(), Fault> {
    let planned = log.so_far().await?.planned();
    let planned = planned.as_ref();
    let Some((spec, _)) = planned.and_then(|planned| planned.plan.to_build(interaction)) else {
        return Ok(());
    };
    let spec = Box::new(spec.clone());
    let cause = AttemptFault::Ours;
    log.append(Event::GivenUp { spec, cause, fault })
        .await
        .map(drop)
}
