//! The agent at work: one session, from the brief to its report, on a budget.

use std::time::Duration;

use tokio::sync::watch;

use crate::domain::activity::Activity;
use crate::domain::claim::ClaimReading;
use crate::domain::dossier::Ended;
use crate::domain::limits;
use crate::domain::tape::AccessRefused;
use crate::domain::transcript::{Transcript, Usage};
use crate::edge::agent::{Agent, AgentError, Session, SessionSpec, Sign};
use crate::rules::brief::{read_claim, reminder};

use super::budget::Budget;

/// What an attempt left behind.
#[derive(Debug)]
pub struct Worked {
    /// How it ended.
    pub ended: Ended,
    /// What the agent did.
    pub transcript: Transcript,
    /// What it says.
    pub claim: ClaimReading,
}

/// Why there is nothing to judge.
#[derive(Debug, thiserror::Error)]
pub enum WorkFault {
    /// Somebody called it back.
    #[error("it was cancelled")]
    Cancelled,
    /// The model's provider failed for good, or too often.
    #[error("the model's provider failed: {1}")]
    Provider(Patience, String),
    /// The agent's server died in the middle.
    #[error("the agent's server died in the middle of the attempt")]
    Lost,
    /// The agent's server could not be used.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

/// Whether it may go better later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// The provider was overloaded or out of reach.
    Passing,
    /// The provider refuses: a wrong key, no credit, an unknown model.
    Lasting,
}

/// What the witness says while the agent works.
#[derive(Debug, Clone)]
pub struct WitnessSigns {
    /// The test account refuses access again and again.
    pub refused: watch::Receiver<Option<AccessRefused>>,
    /// There were more exchanges than fit on a tape.
    pub full: watch::Receiver<bool>,
}

/// How the waiting for signs of life came to its end.
enum Stop {
    Ended(Ended),
    Fault(WorkFault),
}

/// An agent at its desk: one session, which may be spoken to more than once.
pub struct Desk<'a> {
    session: Box<dyn Session>,
    budget: &'a Budget,
    signs: WitnessSigns,
}

impl<'a> Desk<'a> {
    /// Opens a session.
    pub async fn open(
        agent: &dyn Agent,
        seat: SessionSpec,
        budget: &'a Budget,
        signs: WitnessSigns,
    ) -> Result<Self, WorkFault> {
        Ok(Self {
            session: agent.open(seat).await?,
            budget,
            signs,
        })
    }

    /// Lets the agent work on `text` until it stops, is blocked, or the budget is at its end. `tell` is called with what it
    /// is doing. All of the session so far is given, whatever was said before.
    pub async fn work(
        &mut self,
        text: &str,
        mut tell: impl FnMut(Activity, Usage) + Send,
    ) -> Result<Worked, WorkFault> {
        let session = self.session.as_mut();
        let stop = match session.say(text).await {
            Ok(()) => follow(session, self.budget, &mut self.signs, &mut tell).await,
            Err(error) => Stop::Fault(error.into()),
        };
        // Called back, it is left at once; `Desk::leave` stops it.
        if !matches!(
            &stop,
            Stop::Ended(Ended::Finished)
                | Stop::Fault(WorkFault::Lost)
                | Stop::Fault(WorkFault::Cancelled)
        ) {
            // It may be in the middle of something. When it cannot be stopped, closing the session has to do.
            if let Err(error) = session.abort().await {
                tracing::warn!(%error, "an agent could not be stopped");
            }
        }
        match stop {
            Stop::Ended(ended) => {
                let transcript = session.transcript().await?;
                let words = transcript.last_words().map(|(_, words)| words);
                Ok(Worked {
                    ended,
                    claim: read_claim(words.as_deref()),
                    transcript,
                })
            }
            Stop::Fault(fault) => Err(fault),
        }
    }

    /// Ends the session.
    pub async fn close(self) {
        self.session.close().await;
    }

    /// Stops the agent and ends the session. A busy server may take long to answer that, and a run that was called back
    /// waits no longer than [`limits::LEAVE_SECONDS`]; the rest is done behind its back.
    pub async fn leave(self) {
        let mut session = self.session;
        let leaving = tokio::spawn(async move {
            if let Err(error) = session.abort().await {
                tracing::debug!(%error, "an agent that was called back could not be stopped");
            }
            session.close().await;
        });
        let patience = Duration::from_secs(limits::LEAVE_SECONDS);
        if tokio::time::timeout(patience, leaving).await.is_err() {
            tracing::info!("an agent that was called back is still being stopped");
        }
    }
}

async fn follow(
    session: &mut dyn Session,
    budget: &Budget,
    signs: &mut WitnessSigns,
    tell: &mut (impl FnMut(Activity, Usage) + Send),
) -> Stop {
    let mut reminders_left = 1;
    let mut patience = budget.stall(None);
    loop {
        let sign = tokio::select! {
            biased;
            () = budget.cancelled() => return Stop::Fault(WorkFault::Cancelled),
            refusal = refused(&mut signs.refused) => return Stop::Ended(Ended::AccessRefused(refusal)),
            () = full(&mut signs.full) => {
                return Stop::Ended(Ended::Limit { which: format!("{} calls of the API", limits::TAPE_EXCHANGES) });
            }
            which = budget.time_up() => return Stop::Ended(Ended::Limit { which }),
            sign = budget.heard(patience, session.next()) => sign,
        };
        match sign {
            Err(_) => {
                return Stop::Ended(Ended::Limit {
                    which: format!("{} seconds without a sign of life", patience.as_secs()),
                });
            }
            Ok(Err(error)) => return Stop::Fault(error.into()),
            Ok(Ok(Sign::Doing { activity, usage })) => {
                if let Some(which) = budget.overdrawn(&usage) {
                    return Stop::Ended(Ended::Limit { which });
                }
                patience = budget.stall(Some(&activity));
                tell(activity, usage);
            }
            Ok(Ok(Sign::Retrying { attempt, message })) if attempt > limits::PROVIDER_RETRIES => {
                return Stop::Fault(WorkFault::Provider(Patience::Passing, message));
            }
            Ok(Ok(Sign::Retrying { .. })) => {}
            Ok(Ok(Sign::Failed { message })) => {
                return Stop::Fault(WorkFault::Provider(Patience::Lasting, message));
            }
            Ok(Ok(Sign::Lost)) => return Stop::Fault(WorkFault::Lost),
            Ok(Ok(Sign::Idle)) => match missing_report(session).await {
                Ok(Some(why)) if reminders_left > 0 => {
                    reminders_left -= 1;
                    if let Err(error) = session.say(&reminder(&why)).await {
                        return Stop::Fault(error.into());
                    }
                }
                Ok(_) => return Stop::Ended(Ended::Finished),
                Err(error) => return Stop::Fault(error.into()),
            },
        }
    }
}

/// What is wrong with the final report, if anything is.
async fn missing_report(session: &mut dyn Session) -> Result<Option<String>, AgentError> {
    let transcript = session.transcript().await?;
    Ok(
        match read_claim(transcript.last_words().map(|(_, words)| words).as_deref()) {
            ClaimReading::Read { .. } => None,
            ClaimReading::Missing => {
                Some("there is no report at the end of your last message".into())
            }
            ClaimReading::Invalid { why } => Some(why),
        },
    )
}

/// Waits for the witness's word; for ever when it never comes.
async fn refused(blocked: &mut watch::Receiver<Option<AccessRefused>>) -> AccessRefused {
    loop {
        if let Some(refusal) = blocked.borrow_and_update().clone() {
            return refusal;
        }
        if blocked.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Waits until the tape is full; for ever when it never is.
async fn full(full: &mut watch::Receiver<bool>) {
    if full.wait_for(|full| *full).await.is_err() {
        std::future::pending::<()>().await;
    }
}
