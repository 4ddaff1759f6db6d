//! Looks whether what is worked on is still wanted, while that goes on.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::limits;
use crate::domain::name::RunId;
use crate::edge::store::{Store, Wanted, asked_to_stop};
use crate::run::cancel::Cancellation;
use crate::run::fault::CancelCause;

/// What is worked on.
#[derive(Clone, Copy)]
pub enum Watched<'a> {
    /// The run itself.
    Run,
    /// One of its builds, for whoever has the run.
    Build {
        /// Cancelled when somebody else has it.
        lost: &'a CancellationToken,
    },
}

impl Watched<'_> {
    async fn lost(self) {
        match self {
            Self::Run => std::future::pending().await,
            Self::Build { lost } => lost.cancelled().await,
        }
    }
}

/// Calls work on a run back when it is not wanted any more, somebody else has it, or this process is to `stop`. Returns only
/// when it has not ended [`limits::CANCEL_SECONDS`] after that.
pub async fn watch(
    store: &Store,
    run: &RunId,
    watched: Watched<'_>,
    cancellation: &Cancellation,
    stop: &CancellationToken,
) -> CancelCause {
    let mut news = store.subscribe();
    let look = Duration::from_secs(limits::LOOK_SECONDS);
    let mut cancelled_at = None;
    loop {
        let is_wanted = cancellation.cause().is_none();
        tokio::select! {
            () = asked_to_stop(&mut news, run) => {}
            () = tokio::time::sleep(look) => {}
            () = stop.cancelled(), if is_wanted => cancellation.cancel(CancelCause::Shutdown),
            () = watched.lost(), if is_wanted => cancellation.cancel(CancelCause::Taken),
        }
        if let Some(cause) = cancellation.cause() {
            let since = cancelled_at.get_or_insert_with(Instant::now);
            if since.elapsed() > Duration::from_secs(limits::CANCEL_SECONDS) {
                tracing::error!(%run, "it did not end when it was called back; it is dropped");
                return cause.clone();
            }
            continue;
        }
        match store.wanted(run).await {
            Ok(Wanted::Yes) => {}
            Ok(Wanted::Stopped(reason)) => cancellation.cancel(CancelCause::Asked(reason)),
            Ok(Wanted::Over) => match watched {
                // It is about what is left to do after its end.
                Watched::Run => {}
                Watched::Build { .. } => cancellation.cancel(CancelCause::Taken),
            },
            Err(error) => {
                tracing::error!(%error, %run, "whether it is still wanted cannot be read")
            }
        }
    }
}
