//! One delivery: taken up, worked off, and given up after a few tries.

use std::time::Duration;

use crate::domain::limits;
use crate::edge::engine::Next;
use crate::edge::store::{DeliveryState, StoreError};
use crate::run::deps::Deps;
use crate::run::fault::Retry;

use super::webhook;

/// Works one off, unless that was done.
///
/// # Errors
/// When the database fails; nothing is lost then.
pub async fn work_off(deps: &Deps, id: &str) -> Result<Next, StoreError> {
    let Some(taken) = deps.store.take_delivery(id).await? else {
        return Ok(Next::Nothing);
    };
    if taken.tries > limits::TRIES {
        return give_up(
            deps,
            id,
            "the process died each time that it was worked off",
        )
        .await;
    }
    let Err(fault) = webhook::receive(deps, &taken.delivery, taken.received_ms).await else {
        return Ok(Next::Nothing);
    };
    tracing::warn!(tries = taken.tries, %fault, delivery = id, "a delivery was not worked off");
    let now_ms = deps.now_ms();
    match fault.retry(now_ms, taken.tries, taken.received_ms) {
        Retry::Uncounted(at_ms) => {
            deps.store.put_delivery_down(id).await?;
            Ok(after(at_ms - now_ms))
        }
        Retry::Counted(at_ms) if taken.tries < limits::TRIES => Ok(after(at_ms - now_ms)),
        Retry::Counted(_) | Retry::Never => give_up(deps, id, &fault.to_string()).await,
    }
}

/// GitHub can send it again, and then it is tried again.
async fn give_up(deps: &Deps, id: &str, why: &str) -> Result<Next, StoreError> {
    tracing::error!(delivery = id, why, "it is given up");
    let failed = DeliveryState::Failed;
    deps.store.delivery_ended(id, failed, why).await?;
    Ok(Next::Nothing)
}

/// So many milliseconds from now.
pub(super) fn after(pause_ms: i64) -> Next {
    Next::After(Duration::from_millis(pause_ms.max(0).unsigned_abs()))
}
