//! The workflow of a pull request: somebody works there, one at a time, and somebody tells people of it, as long as anything is
//! left to do. It knows nothing else: which run comes next, and why one stops, is in the database.

#![allow(
    unreachable_pub,
    missing_docs,
    reason = "the macros of the SDK make public items of their own"
)]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::{ActivityOptions, SyncWorkflowContext, WorkflowContext, WorkflowResult};

use super::activities::OurActivities;
use super::terms::{LONGEST, again};
use crate::edge::engine::Next;

/// A timer has to take some time.
const SHORTEST: Duration = Duration::from_millis(100);

/// What a workflow is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Errand {
    /// The pull request.
    pub place: String,
    /// See `TemporalOptions::beat_lost`.
    pub beat_lost: Duration,
}

/// One pull request.
#[workflow]
#[derive(Default)]
pub struct Place {
    /// How often somebody asked to look there.
    looks: u64,
}

#[workflow_methods]
impl Place {
    #[run]
    pub async fn run(ctx: &mut WorkflowContext<Self>, errand: Errand) -> WorkflowResult<()> {
        let ctx = &*ctx;
        loop {
            let seen = ctx.state(|place| place.looks);
            let working = async {
                loop {
                    let seen = ctx.state(|place| place.looks);
                    let next = ctx.execute_activity(
                        OurActivities::place,
                        errand.place.clone(),
                        options(&errand),
                    );
                    if !goes_on(ctx, next.await?, seen).await? {
                        return WorkflowResult::Ok(());
                    }
                }
            };
            let telling = async {
                loop {
                    let seen = ctx.state(|place| place.looks);
                    let next = ctx.execute_activity(
                        OurActivities::tell,
                        errand.place.clone(),
                        options(&errand),
                    );
                    if !goes_on(ctx, next.await?, seen).await? {
                        return WorkflowResult::Ok(());
                    }
                }
            };
            let (worked, told) = temporalio_sdk::workflows::join!(working, telling);
            worked?;
            told?;
            if ctx.state(|place| place.looks) == seen {
                return Ok(());
            }
        }
    }

    #[signal]
    pub fn look(&mut self, _: &mut SyncWorkflowContext<Self>) {
        self.looks += 1;
    }
}

/// Whether there is more to do; waits until that can be done, or somebody asks.
async fn goes_on(ctx: &WorkflowContext<Place>, next: Next, seen: u64) -> WorkflowResult<bool> {
    match next {
        Next::Nothing => Ok(ctx.state(|place| place.looks) != seen),
        Next::After(pause) => {
            temporalio_sdk::workflows::select! {
                _ = ctx.timer(pause.max(SHORTEST)) => {}
                _ = ctx.wait_condition(|place: &Place| place.looks != seen) => {}
            }
            Ok(true)
        }
    }
}

fn options(errand: &Errand) -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(LONGEST)
        .heartbeat_timeout(errand.beat_lost)
        .retry_policy(again())
        .build()
}
