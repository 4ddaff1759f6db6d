//! The story of a run, top to bottom: look, plan, build, settle, end. Every step writes an event before the next
//! begins, and what the log says was done is not done again.

pub mod asked;
pub mod attempt;
pub mod blocking;
pub mod brought;
pub mod build;
pub mod builds;
pub mod cancel;
pub mod compared_specs;
pub mod context;
pub mod deps;
pub mod edited;
pub mod elsewhere;
pub mod fault;
pub mod fetch;
pub mod ground;
pub mod judging;
pub mod kept;
pub mod limits;
pub mod log;
pub mod machine;
pub mod machines;
pub mod measured;
pub mod old_project;
pub mod packages;
pub mod plan;
pub mod request;
pub mod restored;
pub mod settle;
pub mod signatures;
pub mod skills;
pub mod sources;
pub mod taken_back;
pub mod within_limits;

use crate::domain::ending::Ending;
use crate::domain::event::{Event, Settlement};
use crate::run::asked::Asked;
use crate::run::cancel::Cancellation;
use crate::run::context::Context;
use crate::run::deps::Deps;
use crate::run::fault::{CancelCause, Fault};
use crate::run::fetch::Looked;
use crate::run::log::{RunLog, SoFar};
use crate::run::old_project::Left;

/// Works on one run until it has ended.
#[tracing::instrument(skip_all, fields(run = %log.run()))]
pub async fn run(deps: &Deps, log: &RunLog, cancellation: &Cancellation) -> Result<(), Fault> {
    let so_far = log.so_far().await?;
    if let Some(ending) = &so_far.view.ending {
        return after(deps, log, ending, &so_far).await;
    }
    let ending = match story(deps, log, cancellation, &so_far).await {
        Err(Fault::Cancelled(CancelCause::Asked(reason))) => Ending::stopped(reason),
        ending => ending?,
    };
    // What was finished before the end came early is worth something to the run that follows.
    signatures::sign(&deps.store, &log.so_far().await?).await?;
    log.append(Event::Ended {
        ending: ending.clone(),
    })
    .await?;
    after(deps, log, &ending, &so_far).await
}

/// What is left to do when a run has ended; done again when it was interrupted.
async fn after(deps: &Deps, log: &RunLog, ending: &Ending, so_far: &SoFar) -> Result<(), Fault> {
    kept::cleanup::run_folder(&deps.machine, log.run()).await;
    match &deps.github {
        Some(github) if matches!(ending, Ending::Superseded { .. }) => {
            request::follow(deps, github, so_far).await
        }
        _ => Ok(()),
    }
}

async fn story(
    deps: &Deps,
    log: &RunLog,
    cancellation: &Cancellation,
    so_far: &SoFar,
) -> Result<Ending, Fault> {
    // Look.
    cancellation.check()?;
    let request = so_far.request()?;
    let checkout = match fetch::look(deps.github(), &deps.mirrors, request).await? {
        Looked::At(checkout) => checkout,
        Looked::End(ending) => return Ok(ending),
    };
    if let Some(ending) =
        limits::too_many(&deps.store, request, &checkout.settings, deps.now_ms()).await?
    {
        return Ok(ending);
    }
    let history = context::history(deps, request).await?;
    let asked = Asked::read(&checkout, &deps.machine.dossiers, request, &history, so_far).await?;
    let asked = match old_project::refuse(&checkout, asked).await? {
        Left::Rest(asked) => asked,
        Left::End(ending) => return Ok(ending),
    };
    let _timer = limits::timer(cancellation, &checkout.settings, &deps.machine.clock);

    // Plan.
    let context = Context::plan(deps, log, cancellation, so_far, *checkout, history, asked).await?;
    let plan = &context.planned.plan;
    if plan.steps.is_empty() && plan.problems.is_empty() {
        return Ok(Ending::NothingToDo);
    }

    // Build.
    let builder = context.builder(deps, log, cancellation);
    let many = builds::Many::of(&builder, request, &context.history, so_far);
    many.try_walls(&deps.machine, plan).await?;
    many.each_at_once(plan).await?;

    // Settle.
    if so_far.view.settlement.is_none() {
        let settings = &context.checkout.settings;
        if let Some(ending) = fetch::meanwhile(deps.github.as_ref(), request, settings).await? {
            return Ok(ending);
        }
    }
    let settling = settle::ToSettle {
        deps,
        machines: &context.machines,
        checkout: &context.checkout,
        planned: &context.planned,
        history: &context.history,
        overrulings: &context.overrulings,
    };
    Ok(match settling.once(log, cancellation).await? {
        Settlement::Moved { to } => Ending::moved(to),
        _ => Ending::Finished,
    })
}
