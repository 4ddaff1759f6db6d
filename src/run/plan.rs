//! What a run has to do: specs read at the head, compared with the merge base and with what was signed before.

use std::collections::BTreeMap;

use crate::domain::event::Event;
use crate::domain::history::History;
use crate::domain::name::InteractionKey;
use crate::domain::plan::{Plan, Step};
use crate::domain::pull::{Cause, Request};
use crate::domain::spec::{Kind, Spec};
use crate::rules::ground::usable;
use crate::rules::plan::{PlanInput, plan};

use super::blocking::blocking;
use super::compared_specs::ComparedSpecs;
use super::deps::Deps;
use super::edited::with_edited;
use super::fault::Fault;
use super::fetch::Checkout;
use super::ground::GroundOfRun;
use super::log::{Planned, RunLog, SoFar};
use super::skills::Skills;

/// The plan of the run: as its log has it, or decided now and logged.
pub async fn once(
    deps: &Deps,
    log: &RunLog,
    checkout: &Checkout,
    skills: &Skills,
    history: &History,
    ground: &GroundOfRun,
    so_far: &SoFar,
) -> Result<Planned, Fault> {
    if let Some(planned) = so_far.planned() {
        return Ok(planned);
    }
    let plan = decide(deps, checkout, so_far.request()?, skills, history).await?;
    let plan = with_edited(checkout, &deps.machine.dossiers, history, plan).await?;
    let plan = with_known_before(checkout, ground, plan).await?;
    let logged = log
        .append(Event::Planned {
            plan: plan.clone(),
            merge_base: checkout.merge_base.clone(),
            project: checkout.settings.project.clone(),
            commit: checkout.settings.commit,
            watched: checkout.settings.mode,
        })
        .await?;
    Ok(Planned {
        plan,
        at_ms: logged.at_ms,
    })
}

/// Says what is known of the project that agents will build on, when any will.
async fn with_known_before(
    checkout: &Checkout,
    ground: &GroundOfRun,
    mut plan: Plan,
) -> Result<Plan, Fault> {
    let is_build = |step: &Step| matches!(step, Step::Build { .. });
    if plan.steps.iter().any(is_build) {
        let project = ground.project().await?;
        let known = usable::known_before(&project.files, &plan, &checkout.settings);
        plan.problems.extend(known);
    }
    Ok(plan)
}

/// Reads and compares, and decides what each interaction needs.
async fn decide(
    deps: &Deps,
    checkout: &Checkout,
    request: &Request,
    skills: &Skills,
    history: &History,
) -> Result<Plan, Fault> {
    let signed = deps
        .store
        .signed(&request.place())
        .await
        .map_err(|e| Fault::passing("read what was signed", e))?;
    let begun = match request.pull() {
        Some(_) => history.begun(&request.run),
        None => BTreeMap::new(),
    };
    let there = checkout.clone();
    let read = blocking(move || ComparedSpecs::read(&there, begun)).await?;
    let ComparedSpecs {
        now,
        before,
        changed,
        left,
        adopted,
    } = read.map_err(|e| Fault::passing("read the specs of the pull request", e))?;
    let asked: &[InteractionKey] = match &request.cause {
        Cause::Retry { only, .. } | Cause::Local { only, .. } => only,
        Cause::Head | Cause::Base | Cause::Woken { .. } | Cause::Rerun { .. } => &[],
    };
    // Named on the command line: built whether the branch changes them or not.
    let only_named = matches!(request.cause, Cause::Local { .. }) && !asked.is_empty();
    let wanted = |spec: &Spec| {
        if only_named {
            asked.contains(&spec.key)
        } else {
            changed.touches(spec)
        }
    };
    let specs: Vec<Spec> = now
        .specs
        .iter()
        .filter(|spec| wanted(spec))
        .cloned()
        .collect();
    let removed: Vec<(InteractionKey, Kind)> = before
        .specs
        .iter()
        .filter(|spec| !only_named && changed.removed.contains(&spec.path))
        .map(|spec| (spec.key.clone(), spec.kind))
        .chain(left)
        .collect();
    let problems = now
        .problems
        .iter()
        .filter(|problem| {
            if only_named {
                belongs(asked, &checkout.settings.interactions, &problem.path)
            } else {
                changed.concerns(&problem.path)
            }
        })
        .map(|problem| problem.finding())
        .collect();
    Ok(plan(PlanInput {
        specs,
        removed,
        problems,
        signed: &signed,
        adopted: &adopted,
        retry_only: asked,
        skills: &skills.digest(),
        lock: &deps.machine.template.tools().lock,
    }))
}

/// Whether `path` is the spec of one of `keys`, or the `integration.yaml` beside it.
fn belongs(keys: &[InteractionKey], interactions: &str, path: &str) -> bool {
    keys.iter().any(|key| {
        path == format!("{interactions}/{key}.yaml")
            || path == format!("{interactions}/{}/integration.yaml", key.integration)
    })
}
