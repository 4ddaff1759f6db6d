//! Evidence of work that is done and paid for is not lost because a bucket does not answer for a while.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::limits;
use crate::edge::blobs::DossierError;
use crate::run::blocking::blocking;
use crate::run::cancel::Cancellation;
use crate::run::fault::Fault;

/// Does something with evidence, again and again while whoever keeps it is away, for [`limits::AWAY_HOURS`] or until the run
/// is called back.
///
/// # Errors
/// When it is called back, when waiting does not help, or when that time is over.
pub async fn patiently<T: Send + 'static>(
    cancellation: &Cancellation,
    what: &'static str,
    work: impl Fn() -> Result<T, DossierError> + Clone + Send + 'static,
) -> Result<T, Fault> {
    let hours = limits::AWAY_HOURS.unsigned_abs();
    let given_up = Instant::now() + Duration::from_secs(hours * 60 * 60);
    let mut pause_ms = limits::RETRY_PAUSE_MS;
    loop {
        match blocking(work.clone()).await? {
            Ok(done) => return Ok(done),
            Err(error) if error.is_away() && Instant::now() < given_up => {
                tracing::warn!(%error, "could not {what}; trying again");
            }
            Err(error) => return Err(Fault::evidence(what, error)),
        }
        tokio::select! {
            biased;
            cancelled = cancellation.cancelled() => return Err(cancelled),
            () = tokio::time::sleep(Duration::from_millis(pause_ms.unsigned_abs())) => {}
        }
        pause_ms = (pause_ms * 2).min(limits::AWAY_PAUSE_MS);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::domain::name::Digest;
    use crate::edge::blobs::{BlobError, Dossiers, Shared};
    use crate::run::fault::CancelCause;

    fn away() -> DossierError {
        let source = object_store::Error::Generic {
            store: "S3",
            source: "nobody is there".into(),
        };
        let refused = BlobError::Refused {
            path: "s3://evidence".into(),
            shared: Shared::Yes,
            source: Box::new(source),
        };
        refused.into()
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_that_is_away_is_waited_for() {
        let tries = Arc::new(AtomicU32::new(0));
        let counted = tries.clone();
        let work = move || match counted.fetch_add(1, Ordering::SeqCst) {
            0..3 => Err(away()),
            number => Ok(number),
        };
        let done = patiently(&Cancellation::default(), "seal the evidence", work).await;
        assert_eq!(done.expect("in the end"), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_waiting_does_not_mend_is_told_at_once_and_a_run_may_be_called_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let dossiers = Dossiers::open(folder.path()).expect("opened");
        let none = Digest::of(b"none");
        let look = move || dossiers.get(&none);
        let done = patiently(&Cancellation::default(), "look", look).await;
        assert!(matches!(done, Err(Fault::Passing { .. })), "{done:?}");

        let cancellation = Cancellation::default();
        cancellation.cancel(CancelCause::Shutdown);
        let done = patiently(&cancellation, "look", || Err::<(), _>(away())).await;
        assert!(matches!(done, Err(Fault::Cancelled(_))), "{done:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let done = patiently(&Cancellation::default(), "look", || Err::<(), _>(away())).await;
        assert!(matches!(done, Err(Fault::Away { .. })), "{done:?}");
    }
}
