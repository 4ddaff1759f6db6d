//! What the witness keeps of one attempt: who may use it, the tape so far, and whether access was refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::replay::{Course, Replay};

use crate::domain::limits;
use crate::domain::name::AttemptId;
use crate::domain::settings::Mode;
use crate::domain::tape::{AccessRefused, Exchange, Phase};

/// What becomes of metadata that a function writes on its connection. It is never passed on: the test account belongs to
/// other attempts, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataWrites {
    /// They are refused.
    Refused,
    /// They are taken down and answered as Nango does. For on-event functions, which often are there for nothing else.
    TakenDown,
}

/// Who may use the witness, and for what.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Whose exchanges these are.
    pub attempt: AttemptId,
    /// The only Nango connection.
    pub connection: String,
    /// The only integration, as Nango calls it (provider config key).
    pub integration_id: String,
    /// Whether an agent that is refused again and again is stopped.
    pub mode: Mode,
    /// Whether it may write metadata, as far as that goes.
    pub metadata: MetadataWrites,
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

/// What the server keeps of an attempt.
#[derive(Debug)]
pub struct Attempt {
    pub admission: Admission,
    pub closed: CancellationToken,
    pub slots: Semaphore,
    /// For questions that are not for the API.
    pub asides: Arc<Semaphore>,
    state: Mutex<TapeState>,
    replay: Mutex<Replay>,
    refused: watch::Sender<Option<AccessRefused>>,
    full: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct TapeState {
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
            asides: Arc::new(Semaphore::new(limits::CHECKS_PARALLEL)),
            state: Mutex::default(),
            replay: Mutex::default(),
            refused: watch::Sender::new(None),
            full: watch::Sender::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, TapeState> {
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
        let is_watched = self.admission.mode == Mode::Permissive;
        if is_watched || done.phase != Phase::Agent || !done.asked_provider() {
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

    /// From now on the clean room is answered by this.
    pub fn replay(&self, replay: Replay) {
        *self.replay.lock().unwrap_or_else(PoisonError::into_inner) = replay;
    }

    /// What becomes of a request of the clean room to the provider.
    pub fn course(&self, request: &Exchange) -> Course {
        let tape = self.exchanges();
        let mut replay = self.replay.lock().unwrap_or_else(PoisonError::into_inner);
        replay.course(request, &tape)
    }

    /// Everything so far, in the order of arrival.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state().exchanges.clone()
    }

    /// See [`super::WitnessAccess::refused`].
    pub fn watch_refused(&self) -> watch::Receiver<Option<AccessRefused>> {
        self.refused.subscribe()
    }

    /// See [`super::WitnessAccess::full`].
    pub fn watch_full(&self) -> watch::Receiver<bool> {
        self.full.subscribe()
    }

    /// Whether the agent was told to stop.
    pub fn blocked(&self) -> Option<AccessRefused> {
        self.refused.borrow().clone()
    }
}
