//! Many at once: the builds of one run side by side, and the limits that hold for a run as a whole.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;

use crate::domain::attempt_fault::AttemptFault;
use crate::domain::event::Event;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::plan::{Plan, Step};
use crate::domain::settings::Mode;
use crate::domain::spec::Spec;
use crate::rules::order::longest_first;

use super::build::Builder;
use super::cancel::Cancellation;
use super::deps::Deps;
use super::fault::Fault;
use super::log::{RunLog, SoFar};
use crate::domain::history::{Earlier, History};
use crate::domain::pull::{Cause, Request};

/// Earlier judgements that stand: all but those of interactions that were asked for again.
pub fn standing(request: &Request, history: &History) -> BTreeMap<InteractionKey, Earlier> {
    match &request.cause {
        Cause::Retry { only, .. } if !only.is_empty() => {
            let standing = history.standing(&request.run).into_iter();
            standing.filter(|(key, _)| !only.contains(key)).collect()
        }
        _ => BTreeMap::new(),
    }
}

/// Builds everything that the plan says, at most [`crate::domain::settings::Settings::parallel`] at once, those first that `took`
/// longest before. A fault of one keeps no other from
/// its end; the first is returned when all are done.
pub async fn each_at_once(
    builder: &Builder<'_>,
    plan: &Plan,
    earlier: &BTreeMap<InteractionKey, Earlier>,
    took: &BTreeMap<InteractionKey, u64>,
    so_far: &SoFar,
) -> Result<(), Fault> {
    let mut builds: Vec<BoxFuture<'_, Result<(), Fault>>> = Vec::new();
    for step in longest_first(&plan.steps, took) {
        match step {
            Step::Build { spec, fingerprint } => {
                builds.push(Box::pin(one(builder, spec, fingerprint, earlier, so_far)));
            }
            Step::Carry { spec, signed } => {
                builds.push(Box::pin(builder.carry(spec, signed, so_far)));
            }
            Step::Edited { .. } | Step::Adopted { .. } | Step::Remove { .. } => {}
        }
    }
    let mut working =
        stream::iter(builds).buffer_unordered(usize::from(builder.settings.parallel.max(1)));
    let mut result = Ok(());
    while let Some(built) = working.next().await {
        result = result.and(built);
    }
    result
}

async fn one(
    builder: &Builder<'_>,
    spec: &Spec,
    fingerprint: &Digest,
    earlier: &BTreeMap<InteractionKey, Earlier>,
    so_far: &SoFar,
) -> Result<(), Fault> {
    builder.cancellation.check()?;
    let earlier = earlier
        .get(&spec.key)
        .filter(|earlier| &earlier.fingerprint == fingerprint && is_for(spec, earlier, builder));
    match earlier {
        // Old evidence goes, and a judgement does not stand without.
        Some(earlier) if builder.has(spec, &earlier.judgement.dossier).await? => {
            builder.stands(spec, earlier, so_far).await
        }
        _ if spent(builder).await? => {
            let fault = format!(
                "the run has cost ${:.2}, which is all it may",
                builder.settings.run_usd
            );
            builder
                .give_up(spec, AttemptFault::RunBudgetSpent, fault, so_far)
                .await
        }
        _ => builder.build(spec, fingerprint, so_far).await,
    }
}

/// Whether an earlier judgement is of a function for the same project.
fn is_for(spec: &Spec, earlier: &Earlier, builder: &Builder<'_>) -> bool {
    let projects = &builder.settings.projects;
    projects.of(earlier.project.as_ref()) == projects.of(spec.project.as_ref())
}

/// Whether the run has cost all that it may.
async fn spent(builder: &Builder<'_>) -> Result<bool, Fault> {
    Ok(builder.log.so_far().await?.view.usage().usd() >= builder.settings.run_usd)
}

/// Tries the agents' walls and notes which stand, once in a run in which an agent will work.
pub async fn try_walls(
    deps: &Deps,
    log: &RunLog,
    cancellation: &Cancellation,
    mode: Mode,
    plan: &Plan,
    so_far: &SoFar,
) -> Result<(), Fault> {
    let is_build = |step: &Step| matches!(step, Step::Build { .. });
    if !plan.steps.iter().any(is_build) || so_far.view.walls.is_some() {
        return Ok(());
    }
    let walls = tokio::select! {
        biased;
        cancelled = cancellation.cancelled() => return Err(cancelled),
        walls = deps.machine.walls_of(mode) => walls?,
    };
    log.append(Event::WallsTried { walls }).await.map(drop)
}
