//! Cancelling work: once, with a cause, seen by everybody who works on it.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use super::fault::{CancelCause, Fault};

/// Shared by those who cancel and those who work. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Cancellation {
    token: CancellationToken,
    cause: Arc<OnceLock<CancelCause>>,
    /// That of the work which this is a part of.
    outer: Option<Arc<Cancellation>>,
}

impl Cancellation {
    /// Cancels the work. Only the first cause counts.
    pub fn cancel(&self, cause: CancelCause) {
        // A second cause changes nothing: the work is ending already.
        let _ = self.cause.set(cause);
        self.token.cancel();
    }

    /// For a part of the work, which can be cancelled alone, and is with the whole.
    pub fn of_a_part(&self) -> Self {
        Self {
            token: self.token.child_token(),
            cause: Arc::default(),
            outer: Some(Arc::new(self.clone())),
        }
    }

    /// Why, once it was cancelled.
    pub fn cause(&self) -> Option<&CancelCause> {
        let outer = self.outer.as_ref().and_then(|outer| outer.cause());
        outer.or_else(|| self.cause.get())
    }

    /// For steps that begin something.
    ///
    /// # Errors
    /// [`Fault::Cancelled`], once it was cancelled.
    pub fn check(&self) -> Result<(), Fault> {
        match self.cause() {
            None => Ok(()),
            Some(cause) => Err(Fault::Cancelled(cause.clone())),
        }
    }

    /// Waits until it is cancelled.
    pub async fn cancelled(&self) -> Fault {
        self.token.cancelled().await;
        // The cause is set before the token is cancelled.
        Fault::Cancelled(self.cause().cloned().unwrap_or(CancelCause::Taken))
    }

    /// For waiting on, where nobody asks for the cause.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_ends_alone_and_with_the_whole() {
        let whole = Cancellation::default();
        let (one, other) = (whole.of_a_part(), whole.of_a_part());
        one.cancel(CancelCause::CalledOff);
        assert!(matches!(
            one.cancelled().await,
            Fault::Cancelled(CancelCause::CalledOff)
        ));
        assert!(whole.check().is_ok() && other.check().is_ok());
        whole.cancel(CancelCause::Shutdown);
        for part in [&one, &other] {
            assert_eq!(part.cause(), Some(&CancelCause::Shutdown));
        }
        other.cancelled().await;
    }
}
