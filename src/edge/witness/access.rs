//! One attempt's leave to use the witness: its keys and its tape.

use std::sync::{Arc, Weak};

use tokio::sync::watch;

use super::attempt::Attempt;
use super::keys::Keys;
use super::replay::Replay;
use crate::domain::tape::{AccessRefused, Phase, Tape};

/// Leave to use the witness. When it is closed or dropped, its keys open nothing any more.
#[derive(Debug)]
pub struct WitnessAccess {
    pub(super) attempt: Arc<Attempt>,
    pub(super) keys: Weak<Keys>,
    pub(super) agent_key: String,
    pub(super) room_key: String,
    pub(super) clean_up_key: String,
    pub(super) port: u16,
}

impl WitnessAccess {
    /// The key that a phase uses in place of Nango's. It says whose requests these are and is worth nothing elsewhere.
    pub fn key(&self, phase: Phase) -> String {
        match phase {
            Phase::Agent => self.agent_key.clone(),
            Phase::CleanRoom | Phase::EarlierRoom => self.room_key.clone(),
            Phase::CleanUp => self.clean_up_key.clone(),
        }
    }

    /// Everything so far, in the order in which it arrived. A request that is still under way says so in `refused`.
    pub fn tape(&self) -> Tape {
        Tape {
            exchanges: self.attempt.exchanges(),
        }
    }

    /// What the clean room is answered from the tape, from now on.
    pub fn replay(&self, replay: Replay) {
        self.attempt.replay(replay);
    }

    /// Fires when the API refused the agent the same request [`crate::domain::limits::REFUSALS_BEFORE_BLOCKED`] times.
    pub fn refused(&self) -> watch::Receiver<Option<AccessRefused>> {
        self.attempt.watch_refused()
    }

    /// Turns true when the tape is full, which ends an attempt.
    pub fn full(&self) -> watch::Receiver<bool> {
        self.attempt.watch_full()
    }

    /// Ends it: the keys stop working, and requests under way are answered with a refusal. The tape can still be read.
    pub fn close(&self) {
        if let Some(keys) = self.keys.upgrade() {
            keys.forget(&self.agent_key);
            keys.forget(&self.room_key);
            keys.forget(&self.clean_up_key);
        }
        self.attempt.closed.cancel();
    }
}

impl Drop for WitnessAccess {
    fn drop(&mut self) {
        self.close();
    }
}
