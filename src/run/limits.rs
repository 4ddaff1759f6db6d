//! The limits that hold for a run as a whole.

use std::time::Duration;

use tokio_util::task::AbortOnDropHandle;

use crate::domain::ending::{CancelReason, Ending};
use crate::domain::pull::Request;
use crate::domain::settings::Settings;
use crate::edge::store::Store;
use crate::os::own_clock::OwnClock;

use super::cancel::Cancellation;
use super::fault::{CancelCause, Fault};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// The end of a run that is one too many for its pull request in this hour.
pub async fn too_many(
    store: &Store,
    request: &Request,
    settings: &Settings,
    now_ms: i64,
) -> Result<Option<Ending>, Fault> {
    if request.pull().is_none() {
        return Ok(None);
    }
    let runs = store
        .runs_since(&request.place(), now_ms - HOUR_MS)
        .await
        .map_err(|e| Fault::passing("count the runs", e))?;
    Ok((runs > settings.runs_per_hour).then(|| Ending::Declined {
        why: format!(
            "This pull request had {} runs in the last hour, which is all that the settings allow (`limits.hour.runs`). \
             Comment `/retry` later.",
            settings.runs_per_hour
        ),
    }))
}

/// Calls the run back when it has taken longer than it may, counted from when it was taken up here: waiting before that,
/// the time in which nothing of ours ran, and waiting for a core are not the run's. Dropping the handle stops that.
pub fn timer(
    cancellation: &Cancellation,
    settings: &Settings,
    clock: &OwnClock,
) -> AbortOnDropHandle<()> {
    let minutes = settings.run_minutes;
    let up = clock.after(Duration::from_secs(u64::from(minutes) * 60));
    let (cancellation, clock) = (cancellation.clone(), clock.clone());
    AbortOnDropHandle::new(tokio::spawn(async move {
        clock.reach(up).await;
        cancellation.cancel(CancelCause::Asked(CancelReason::TookTooLong { minutes }));
    }))
}
