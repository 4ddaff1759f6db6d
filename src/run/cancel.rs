//! Cancelling work: once, with a cause, seen by everybody who works on it.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use super::fault::{CancelCause, Fault};

/// Shared by those who cancel and those who work. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Cancellation {
    token: CancellationToken,
    cause: Arc<OnceLock<CancelCause>>,
}

impl Cancellation {
    /// Cancels the work. Only the first cause counts.
    pub fn cancel(&self, cause: CancelCause) {
        // A second cause changes nothing: the work is ending already.
        let _ = self.cause.set(cause);
        self.token.cancel();
    }

    /// Why, once it was cancelled.
    pub fn cause(&self) -> Option<&CancelCause> {
        self.cause.get()
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
