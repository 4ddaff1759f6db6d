//! Calling work back: once, with a reason, seen by everybody who works on it.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

/// Why work was called back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Somebody asked for it: `superseded by 0123456789ab`, `the pull request was closed`.
    Asked(String),
    /// This process is told to end; another goes on with the work.
    Shutdown,
    /// The lease was lost; another goes on with the work already.
    Lost,
}

/// Shared by those who call back and those who are called. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Cancellation {
    token: CancellationToken,
    why: Arc<OnceLock<Why>>,
}

impl Cancellation {
    /// Calls the work back. Only the first reason counts.
    pub fn call(&self, why: Why) {
        // A second reason changes nothing: the work is ending already.
        let _ = self.why.set(why);
        self.token.cancel();
    }

    /// Why, once it was called back.
    pub fn why(&self) -> Option<&Why> {
        self.why.get()
    }

    /// For waiting on.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}
