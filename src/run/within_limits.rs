//! A build, unless too many processes died of it, or its run has cost all that it may.

use crate::domain::attempt_fault::AttemptFault;
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::spec::Spec;

use super::build::Builder;
use super::fault::{CancelCause, Fault};
use super::log::SoFar;

/// Builds `spec`, or gives it up without a verdict; `so_far` is what the log says of it.
pub async fn build(
    builder: &Builder<'_>,
    spec: &Spec,
    fingerprint: &Digest,
    so_far: &SoFar,
) -> Result<(), Fault> {
    let deaths = so_far.deaths(&spec.key);
    if deaths >= limits::BUILD_DEATHS {
        let fault = format!(
            "the process that built it died {deaths} times in the middle of that, the last times with no other suspect beside it"
        );
        let cause = AttemptFault::Ours;
        return builder.give_up(spec, cause, fault, so_far).await;
    }
    let run_usd = builder.settings.run_usd;
    let now = builder.log.so_far().await?;
    if now.has_ended(&spec.key) {
        return Ok(());
    }
    // Others have cost something since.
    if now.view.usage().usd() >= run_usd {
        let fault = format!("the run has cost ${run_usd:.2}, which is all it may");
        let cause = AttemptFault::RunBudgetSpent;
        return builder.give_up(spec, cause, fault, so_far).await;
    }
    unless_called_off(builder, spec, fingerprint, so_far).await
}

/// Builds it, unless somebody takes it out of the run meanwhile: its agent ends, and no other's does.
async fn unless_called_off(
    builder: &Builder<'_>,
    spec: &Spec,
    fingerprint: &Digest,
    so_far: &SoFar,
) -> Result<(), Fault> {
    let cancellation = builder.cancellation.of_a_part();
    let part = Builder {
        cancellation: &cancellation,
        ..*builder
    };
    // On the heap: it is large, and lies below much else.
    let mut building = Box::pin(part.build(spec, fingerprint, so_far));
    let built = tokio::select! {
        built = &mut building => built,
        () = builder.log.called_off(&spec.key) => {
            cancellation.cancel(CancelCause::CalledOff);
            building.await
        }
    };
    match built {
        Err(Fault::Cancelled(CancelCause::CalledOff)) => Ok(()),
        built => built,
    }
}
