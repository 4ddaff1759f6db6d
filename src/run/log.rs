//! The log of one run, in the hands of whoever took it up last.

use std::time::Duration;

use crate::domain::event::{Event, Logged};
use crate::domain::limits;
use crate::domain::name::{InteractionKey, RunId};
use crate::domain::plan::Plan;
use crate::domain::pull::Request;
use crate::domain::row::Row;
use crate::domain::view::View;
use crate::edge::engine::Repute;
use crate::edge::store::{AppendError, Hold, Store, asked_to_stop};

use super::fault::{CancelCause, Fault};
use super::measured;

/// Writes events until somebody else takes the run up; after that every write fails with [`Fault::Cancelled`].
#[derive(Clone)]
pub struct RunLog {
    store: Store,
    run: RunId,
    hold: Option<Hold>,
}

/// What the log says so far.
#[derive(Debug)]
pub struct SoFar {
    /// Every event, in order.
    pub events: Vec<Logged>,
    /// The same, folded.
    pub view: View,
}

/// The plan as it was logged.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What is to be done.
    pub plan: Plan,
    /// When; milliseconds since the epoch. The commit gets this time, so that making it again makes the same one.
    pub at_ms: i64,
}

impl RunLog {
    /// The log of `run`; without a hold for a local run, which its own process carries out.
    pub fn new(store: Store, run: RunId, hold: Option<Hold>) -> Self {
        Self { store, run, hold }
    }

    /// The run.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Appends an event.
    pub async fn append(&self, event: Event) -> Result<Logged, Fault> {
        match self
            .store
            .append(&self.run, event, self.hold.as_ref())
            .await
        {
            Ok(logged) => {
                measured::count(&logged.event);
                Ok(logged)
            }
            Err(AppendError::Fenced { .. } | AppendError::Over { .. }) => {
                Err(Fault::Cancelled(CancelCause::Taken))
            }
            Err(other) => Err(Fault::passing("write to the run's log", other)),
        }
    }

    /// Appends an event that only people who watch care about: when it cannot be written, nothing is lost.
    pub async fn mention(&self, event: Event) {
        if let Err(error) = self.append(event).await {
            tracing::debug!(%error, run = %self.run, "a progress event was not written");
        }
    }

    /// Waits until somebody takes an interaction out of the run.
    pub async fn called_off(&self, interaction: &InteractionKey) {
        let mut news = self.store.subscribe();
        loop {
            match self.store.is_called_off(&self.run, interaction).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => {
                    tracing::error!(%error, run = %self.run, "whether a build is still wanted cannot be read");
                }
            }
            let look = Duration::from_secs(limits::LOOK_SECONDS);
            tokio::select! {
                () = asked_to_stop(&mut news, &self.run) => {}
                () = tokio::time::sleep(look) => {}
            }
        }
    }

    /// Reads the log.
    pub async fn so_far(&self) -> Result<SoFar, Fault> {
        let events = self
            .store
            .events(&self.run, 0)
            .await
            .map_err(|e| Fault::passing("read the run's log", e))?;
        let view = View::of(&events);
        Ok(SoFar { events, view })
    }
}

impl SoFar {
    /// What was asked for.
    pub fn request(&self) -> Result<&Request, Fault> {
        self.view
            .request
            .as_ref()
            .ok_or_else(|| Fault::bug("a run's log does not begin with a request"))
    }

    /// Whether a build has ended.
    pub fn has_ended(&self, interaction: &InteractionKey) -> bool {
        self.view.row(interaction).is_some_and(Row::has_ended)
    }

    /// In the middle of how many attempts at a build that has not ended a process died.
    pub fn deaths(&self, interaction: &InteractionKey) -> u32 {
        let row = self.view.row(interaction);
        row.filter(|row| !row.has_ended())
            .map_or(0, |row| row.unended)
    }

    /// What is known of a build that is to begin.
    pub fn repute(&self, interaction: &InteractionKey) -> Repute {
        match self.deaths(interaction) {
            0..limits::BUILD_DEATHS_TOGETHER => Repute::Good,
            limits::BUILD_DEATHS_TOGETHER.. => Repute::Suspect,
        }
    }

    /// The plan, when there is one.
    pub fn planned(&self) -> Option<Planned> {
        self.events.iter().find_map(|logged| match &logged.event {
            Event::Planned { plan, .. } => Some(Planned {
                plan: plan.clone(),
                at_ms: logged.at_ms,
            }),
            _ => None,
        })
    }
}
