//! Many at once: the builds of one run side by side, and the limits that hold for a run as a whole.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;
use tokio_util::task::AbortOnDropHandle;

use crate::domain::event::Ending;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::plan::{Plan, Step};
use crate::domain::pull::Request;
use crate::domain::settings::Settings;
use crate::domain::spec::Spec;
use crate::edge::store::Store;

use super::build::Bench;
use super::callback::{CallBack, Why};
use super::fault::Fault;
use super::run_log::SoFar;
use super::survey::Earlier;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Builds everything that the plan says, at most [`Settings::parallel`] at once. A fault of one keeps no other from
/// its end; the first is returned when all are done.
pub async fn each_at_once(
    bench: &Bench<'_>,
    plan: &Plan,
    earlier: &BTreeMap<InteractionKey, Earlier>,
    so_far: &SoFar,
) -> Result<(), Fault> {
    let mut builds: Vec<BoxFuture<'_, Result<(), Fault>>> = Vec::new();
    for step in &plan.steps {
        if let Step::Build { spec, fingerprint } = step {
            builds.push(Box::pin(one(bench, spec, fingerprint, earlier, so_far)));
        }
    }
    let mut working =
        stream::iter(builds).buffer_unordered(usize::from(bench.settings.parallel.max(1)));
    let mut result = Ok(());
    while let Some(built) = working.next().await {
        result = result.and(built);
    }
    result
}

async fn one(
    bench: &Bench<'_>,
    spec: &Spec,
    fingerprint: &Digest,
    earlier: &BTreeMap<InteractionKey, Earlier>,
    so_far: &SoFar,
) -> Result<(), Fault> {
    match earlier
        .get(&spec.key)
        .filter(|earlier| &earlier.fingerprint == fingerprint)
    {
        Some(earlier) => bench.stands(spec, earlier, so_far).await,
        None if spent(bench).await? => {
            let fault = format!(
                "the run has cost ${:.2}, which is all it may",
                bench.settings.run_usd
            );
            bench.give_up(spec, fault, so_far).await
        }
        None => bench.build(spec, fingerprint, so_far).await,
    }
}

/// Whether the run has cost all that it may.
async fn spent(bench: &Bench<'_>) -> Result<bool, Fault> {
    Ok(bench.log.so_far().await?.view.usage().usd() >= bench.settings.run_usd)
}

/// The end of a run that is one too many for its pull request in this hour.
pub async fn too_many(
    store: &Store,
    request: &Request,
    settings: &Settings,
    now_ms: i64,
) -> Result<Option<Ending>, Fault> {
    if request.pull().is_none() {
        return Ok(None);
    }
    let runs = store
        .runs_since(&request.place(), now_ms - HOUR_MS)
        .await
        .map_err(|e| Fault::passing("count the runs", e))?;
    Ok((runs > settings.runs_per_hour).then(|| Ending::Declined {
        why: format!(
            "This pull request had {} runs in the last hour, which is all that the settings allow (`limits.hour.runs`). \
             Comment `/retry` later.",
            settings.runs_per_hour
        ),
    }))
}

/// Calls the run back when it has taken longer than it may, counted from when it was taken up here: waiting in the queue
/// and the time in which nothing of ours ran are not the run's. Dropping the handle stops that.
pub fn timer(callback: &CallBack, settings: &Settings) -> AbortOnDropHandle<()> {
    let minutes = settings.run_minutes;
    let left = Duration::from_secs(u64::from(minutes) * 60);
    let callback = callback.clone();
    AbortOnDropHandle::new(tokio::spawn(async move {
        tokio::time::sleep(left).await;
        callback.call(Why::Asked(format!(
            "it took longer than {minutes} minutes, which is all that the settings allow"
        )));
    }))
}
