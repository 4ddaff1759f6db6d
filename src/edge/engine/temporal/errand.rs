//! The workflow of an errand at a pull request: somebody works there, or tells people of it, one at a time, as long as anything
//! is left to do. It knows nothing else: which run comes next, and why one stops, is in the database.

#![allow(
    unreachable_pub,
    missing_docs,
    reason = "the macros of the SDK make public items of their own"
)]

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{
    ActivityOptions, ContinueAsNewOptions, SyncWorkflowContext, WorkflowContext, WorkflowResult,
};

use super::activities::OurActivities;
use super::terms::{LONGEST, again};
use crate::domain::limits;
use crate::edge::engine::Next;

/// A timer has to take some time.
const SHORTEST: Duration = Duration::from_millis(100);

/// What a workflow is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    pub what: What,
    /// The pull request.
    pub place: String,
    /// See `TemporalOptions::beat_lost`.
    pub beat_lost: Duration,
    /// See `TemporalOptions::history`. Workflows that were begun before this was said are short.
    #[serde(default = "default_history")]
    pub history: u32,
}

fn default_history() -> u32 {
    limits::ENGINE_HISTORY_EVENTS
}

/// Each has a workflow of its own at a place: who tells goes on until the run is over, and the next run must not wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    Work,
    Tell,
}

impl What {
    pub const ALL: [Self; 2] = [Self::Work, Self::Tell];
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Work => "place",
            Self::Tell => "tell",
        })
    }
}

/// One errand.
#[workflow]
#[derive(Default)]
pub struct Errand {
    /// How often somebody asked to look there.
    looks: u64,
}

#[workflow_methods]
impl Errand {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, task: Task) -> WorkflowResult<()> {
        loop {
            // The next begins with a look, so that nothing is forgotten that was signalled to this one.
            if ctx.history_length() >= task.history {
                let anew = ctx.continue_as_new(task, ContinueAsNewOptions::default());
                return anew.map(|never| match never {});
            }
            let seen = ctx.state(|errand| errand.looks);
            let (place, options) = (task.place.clone(), options(&task));
            let next = match task.what {
                What::Work => {
                    ctx.execute_activity(OurActivities::place, place, options)
                        .await?
                }
                What::Tell => {
                    ctx.execute_activity(OurActivities::tell, place, options)
                        .await?
                }
            };
            match next {
                Next::Nothing if ctx.state(|errand| errand.looks) == seen => return Ok(()),
                Next::Nothing => {}
                Next::After(pause) => temporalio_sdk::workflows::select! {
                    _ = ctx.timer(pause.max(SHORTEST)) => {}
                    _ = ctx.wait_condition(|errand: &Self| errand.looks != seen) => {}
                },
            }
        }
    }

    #[signal]
    pub fn look(&mut self, _: &mut SyncWorkflowContext<Self>) {
        self.looks += 1;
    }
}

fn options(task: &Task) -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(LONGEST)
        .heartbeat_timeout(task.beat_lost)
        .retry_policy(again())
        .build()
}
