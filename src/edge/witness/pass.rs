//! One attempt's leave to use the witness: its keys and its tape.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::server::Keys;
use crate::domain::limits;
use crate::domain::name::AttemptId;
use crate::domain::tape::{AccessRefused, Exchange, Phase, Tape};

/// Who may use the witness, and for what.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Whose exchanges these are.
    pub attempt: AttemptId,
    /// The only Nango connection.
    pub connection: String,
    /// The only integration, as Nango calls it (provider config key).
    pub integration_id: String,
}

impl Admission {
    /// The integration as the project calls it: the folder of its functions, and what Nango's CLI sends.
    pub fn folder(&self) -> &str {
        self.attempt.interaction.integration.as_str()
    }

    /// Whether this is a name of the integration.
    pub fn is_integration(&self, name: &str) -> bool {
        name == self.integration_id || name == self.folder()
    }
}

/// Leave to use the witness. When it is closed or dropped, its keys open nothing any more.
#[derive(Debug)]
pub struct Pass {
    pub(super) attempt: Arc<Attempt>,
    pub(super) keys: Weak<Keys>,
    pub(super) agent_key: String,
    pub(super) room_key: String,
}

impl Pass {
    /// The key that a phase uses in place of Nango's. It says whose requests these are and is worth nothing elsewhere.
    pub fn key(&self, phase: Phase) -> String {
        match phase {
            Phase::Agent => self.agent_key.clone(),
            Phase::CleanRoom => self.room_key.clone(),
        }
    }

    /// Everything so far, in the order in which it arrived. A request that is still under way says so in `refused`.
    pub fn tape(&self) -> Tape {
        Tape {
            exchanges: self.attempt.state().exchanges.clone(),
        }
    }

    /// Fires when the API refused the agent the same request [`limits::REFUSALS_BEFORE_BLOCKED`] times.
    pub fn refused(&self) -> watch::Receiver<Option<AccessRefused>> {
        self.attempt.refused.subscribe()
    }

    /// Turns true when the tape is full, which ends an attempt.
    pub fn full(&self) -> watch::Receiver<bool> {
        self.attempt.full.subscribe()
    }

    /// Ends it: the keys stop working, and requests under way are answered with a refusal. The tape can still be read.
    pub fn close(&self) {
        if let Some(keys) = self.keys.upgrade() {
            keys.forget(&self.agent_key);
            keys.forget(&self.room_key);
        }
        self.attempt.closed.cancel();
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.close();
    }
}

/// What the server keeps of an attempt.
#[derive(Debug)]
pub struct Attempt {
    pub admission: Admission,
    pub closed: CancellationToken,
    pub slots: Semaphore,
    state: Mutex<State>,
    refused: watch::Sender<Option<AccessRefused>>,
    full: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    exchanges: Vec<Exchange>,
    /// By method and path: the exchanges in which the API refused the agent since it last agreed.
    refusals: HashMap<(String, String), Vec<u32>>,
}

impl Attempt {
    pub fn new(admission: Admission) -> Self {
        Self {
            admission,
            closed: CancellationToken::new(),
            slots: Semaphore::new(limits::WIRE_PARALLEL),
            state: Mutex::default(),
            refused: watch::Sender::new(None),
            full: watch::Sender::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock; and a tape is worth reading whatever happened.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a request its number, in the order of arrival; absent when the tape is full.
    pub fn begin(&self, arrived: Exchange) -> Option<u32> {
        let mut state = self.state();
        if state.exchanges.len() >= limits::TAPE_EXCHANGES {
            self.full.send_replace(true);
            return None;
        }
        let seq = u32::try_from(state.exchanges.len() + 1).ok()?;
        state.exchanges.push(Exchange { seq, ..arrived });
        Some(seq)
    }

    /// Puts a finished exchange in its place and looks whether access was refused once too often.
    pub fn finish(&self, done: Exchange, message: impl FnOnce() -> String) {
        let mut state = self.state();
        let index = done.seq.saturating_sub(1) as usize;
        if let Some(place) = state.exchanges.get_mut(index) {
            *place = done.clone();
        }
        if done.phase != Phase::Agent || !done.asked_provider() {
            return;
        }
        let what = (done.method.clone(), done.path.clone());
        match done.status {
            401 | 403 => {
                let seqs = state.refusals.entry(what).or_default();
                seqs.push(done.seq);
                if seqs.len() < limits::REFUSALS_BEFORE_BLOCKED {
                    return;
                }
                let refused = AccessRefused {
                    status: done.status,
                    method: done.method,
                    path: done.path,
                    seqs: seqs.clone(),
                    message: message(),
                };
                self.refused.send_if_modified(|now| {
                    let first = now.is_none();
                    if first {
                        *now = Some(refused);
                    }
                    first
                });
            }
            200..=299 => {
                state.refusals.remove(&what);
            }
            _ => {}
        }
    }

    /// Whether the agent was told to stop.
    pub fn blocked(&self) -> Option<AccessRefused> {
        self.refused.borrow().clone()
    }
}
