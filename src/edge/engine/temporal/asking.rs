//! What Temporal is asked for, by ids under which the same thing is there once.

use std::time::Duration;

use temporalio_client::errors::ActivityResultError;
use temporalio_client::{
    ActivityCancelOptions, ActivityIdConflictPolicy, ActivityStartOptions, Client,
    WorkflowIdConflictPolicy, WorkflowStartOptions,
};
use temporalio_common::Priority;

use super::activities::OurActivities;
use super::errand::{Errand, Task, What};
use super::error::{TemporalError, failed};
use super::terms::{QUEUE, again, queue, within};
use crate::domain::name::Digest;
use crate::edge::engine::Build;

/// Temporal's limit on a fairness key, in bytes.
const FAIRNESS_KEY: usize = 64;

/// Asks. Cheap to clone.
#[derive(Clone)]
pub struct Asking {
    /// The connection.
    pub client: Client,
    /// See `TemporalOptions::beat_lost`.
    pub beat_lost: Duration,
    /// See `TemporalOptions::history`.
    pub history: u32,
}

impl Asking {
    /// Has a delivery worked off.
    pub async fn deliver(&self, delivery: &str) -> Result<(), TemporalError> {
        let id = format!("delivery:{delivery}");
        let options = ActivityStartOptions::new(QUEUE, id, within())
            .heartbeat_timeout(self.beat_lost)
            .retry_policy(again())
            .id_conflict_policy(ActivityIdConflictPolicy::UseExisting)
            .build();
        self.client
            .start_activity(OurActivities::delivery, delivery.to_owned(), options)
            .await
            .map(drop)
            .map_err(|e| failed("take a delivery", e))
    }

    /// Has somebody look at a pull request, and somebody tell of it.
    pub async fn look(&self, place: &str) -> Result<(), TemporalError> {
        for what in What::ALL {
            self.client
                .signal_with_start_workflow(
                    Errand::run,
                    self.task(what, place),
                    Errand::look,
                    (),
                    workflow(what, place),
                )
                .await
                .map_err(|e| failed("look at a pull request", e))?;
        }
        Ok(())
    }

    /// As [`Asking::look`], but who is at it is not told.
    pub async fn begin(&self, place: &str) -> Result<(), TemporalError> {
        for what in What::ALL {
            let task = self.task(what, place);
            self.client
                .start_workflow(Errand::run, task, workflow(what, place))
                .await
                .map_err(|e| failed("look at a pull request", e))?;
        }
        Ok(())
    }

    fn task(&self, what: What, place: &str) -> Task {
        Task {
            what,
            place: place.to_owned(),
            beat_lost: self.beat_lost,
            history: self.history,
        }
    }

    /// Has it built, unless somebody is at it, and waits until that is closed, however.
    pub async fn build(&self, build: &Build) -> Result<(), TemporalError> {
        let mut priority = Priority::default();
        priority.fairness_key = Some(fairness_key(&build.repository));
        let options = ActivityStartOptions::new(queue(build.repute), build_id(build), within())
            .heartbeat_timeout(self.beat_lost)
            .retry_policy(again())
            .priority(priority)
            .id_conflict_policy(ActivityIdConflictPolicy::UseExisting)
            .summary(format!("{} of {}", build.interaction, build.repository))
            .build();
        let begun = self
            .client
            .start_activity(OurActivities::build, build.clone(), options)
            .await
            .map_err(|e| failed("begin a build", e))?;
        closed(begun.result().await)
    }

    /// Has whoever builds it stop, and waits until that is closed.
    pub async fn call_back(&self, build: &Build) {
        let handle = (self.client).get_activity_handle(OurActivities::build, build_id(build), None);
        let reason = "its run is not wanted any more".to_owned();
        let options = ActivityCancelOptions::builder().reason(reason).build();
        // Otherwise it is closed already, or nobody ever heard of it.
        if handle.cancel(options).await.is_ok() {
            let _ = handle.result().await;
        }
    }
}

fn workflow(what: What, place: &str) -> WorkflowStartOptions {
    WorkflowStartOptions::new(QUEUE, format!("{what}:{place}"))
        .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
        .build()
}

/// One at a time of an interaction in a run, on whichever queue.
fn build_id(build: &Build) -> String {
    format!("{}/{}", build.run, build.interaction)
}

fn fairness_key(repository: &str) -> String {
    match repository.len() {
        0..=FAIRNESS_KEY => repository.to_owned(),
        _ => Digest::of(repository.as_bytes())
            .to_string()
            .chars()
            .take(FAIRNESS_KEY)
            .collect(),
    }
}

/// Whether a build is closed, however.
fn closed(result: Result<(), ActivityResultError>) -> Result<(), TemporalError> {
    match result {
        Ok(())
        | Err(
            ActivityResultError::ActivityFailed(_)
            | ActivityResultError::Cancelled { .. }
            | ActivityResultError::Terminated
            | ActivityResultError::TimedOut(_),
        ) => Ok(()),
        Err(other) => Err(failed("wait for a build", other)),
    }
}
