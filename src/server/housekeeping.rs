//! What is old goes, at the start and then once a day.

use std::time::Duration;

use tokio::time::{Interval, interval};
use tokio_util::sync::CancellationToken;

use crate::domain::age::Age;
use crate::domain::limits;
use crate::domain::retention::{Effect, Of, Old, Pruned};
use crate::os::meter::Meter;
use crate::run::deps::Deps;
use crate::run::kept::mirrors;
use crate::run::kept::prune::prune as take;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Forgets old deliveries, and the mirrors of repositories that were taken from us, until `stop`.
pub async fn tidy(deps: Deps, stop: CancellationToken) {
    let mut daily = interval(DAY);
    while comes(&mut daily, &stop).await {
        // What is not done by the end is done at the next start.
        stop.run_until_cancelled(tidy_once(&deps)).await;
    }
}

/// Keeps what is counted small while nobody reads it, until `stop`.
pub async fn tidy_meter(meter: Meter, stop: CancellationToken) {
    let mut now_and_then = interval(Duration::from_secs(limits::METER_SECONDS));
    while comes(&mut now_and_then, &stop).await {
        meter.tidy();
    }
}

/// Takes old evidence away, until `stop`.
pub async fn prune(deps: Deps, kept: Age, stop: CancellationToken) {
    let mut daily = interval(DAY);
    while kept != Age::Always && comes(&mut daily, &stop).await {
        stop.run_until_cancelled(prune_once(&deps, kept)).await;
    }
}

/// Waits for the next time. Returns false when there is none.
async fn comes(times: &mut Interval, stop: &CancellationToken) -> bool {
    stop.run_until_cancelled(times.tick()).await.is_some()
}

async fn tidy_once(deps: &Deps) {
    let inbox = Age::days(limits::INBOX_DAYS);
    match deps.store.tidy(inbox.before_ms(deps.now_ms())).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "forgot deliveries older than {inbox}"),
        Err(error) => tracing::error!(%error, "old deliveries could not be forgotten"),
    }
    // A check that GitHub did not let us complete would be under way for ever.
    let since_ms = Age::days(limits::TELL_AGAIN_DAYS).before_ms(deps.now_ms());
    match deps.store.tell_again(since_ms).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(
            count,
            "runs of which people could not be told are told again"
        ),
        Err(error) => tracing::error!(%error, "what people could not be told cannot be found"),
    }
    match mirrors::tidy(&deps.store, &deps.mirrors).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, "removed mirrors that no run needs"),
        Err(error) => tracing::error!(%error, "mirrors could not be removed"),
    }
}

async fn prune_once(deps: &Deps, kept: Age) {
    let old = Old {
        of: Of::All,
        before_ms: kept.before_ms(deps.now_ms()),
    };
    match take(&deps.store, &deps.machine.dossiers, &old, Effect::Take).await {
        Ok(none) if none == Pruned::default() => {}
        Ok(gone) => tracing::info!("took away what is older than {kept}: {gone}"),
        Err(error) => tracing::error!(%error, "old evidence could not be taken away"),
    }
}
