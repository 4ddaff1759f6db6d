//! A key that opens nothing but the questions of a compile.

use std::sync::{Arc, Weak};

use tokio::sync::Semaphore;

use super::keys::{Holder, Keys};
use crate::domain::limits;

/// Leave to ask the warm checker, and nothing of the API: for programs of ours that belong to no attempt. When it is
/// dropped, its key opens nothing any more.
#[derive(Debug)]
pub struct CompileKey {
    keys: Weak<Keys>,
    key: String,
    port: u16,
}

impl CompileKey {
    /// `key` becomes one, of a witness that listens on `port`.
    pub(super) fn of(keys: &Arc<Keys>, key: String, port: u16) -> Self {
        let asides = Arc::new(Semaphore::new(limits::CHECKS_PARALLEL));
        keys.add(&key, Holder::Compile(asides));
        Self {
            keys: Arc::downgrade(keys),
            key,
            port,
        }
    }

    /// What a program names itself with.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The witness's port of loopback.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for CompileKey {
    fn drop(&mut self) {
        if let Some(keys) = self.keys.upgrade() {
            keys.forget(&self.key);
        }
    }
}
