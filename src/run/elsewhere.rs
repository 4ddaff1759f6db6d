//! A build of a run that another machine has taken up: the same build, on what the log and the repository say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OnceCell;

use crate::domain::name::{InteractionKey, RunId};
use crate::edge::engine::Repute;

use super::cancel::Cancellation;
use super::context::Context;
use super::deps::Deps;
use super::fault::Fault;
use super::log::RunLog;
use super::within_limits;

/// The runs of which something is built here, each read once while that lasts.
#[derive(Default)]
pub struct Contexts(Mutex<HashMap<RunId, Weak<OnceCell<Option<Context>>>>>);

impl Contexts {
    fn of(&self, run: &RunId) -> Arc<OnceCell<Option<Context>>> {
        // Pointers, which a panic cannot leave half written.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(run).and_then(Weak::upgrade) {
            return known;
        }
        all.retain(|_, one| one.strong_count() > 0);
        let context = Arc::default();
        all.insert(run.clone(), Arc::downgrade(&context));
        context
    }
}

/// Builds one interaction, unless it has ended, or has become a suspect since whoever asked thought it `good`.
#[tracing::instrument(skip_all, fields(run = %log.run(), interaction = %interaction))]
pub async fn build(
    deps: &Deps,
    contexts: &Contexts,
    log: &RunLog,
    cancellation: &Cancellation,
    interaction: &InteractionKey,
    asked_as: Repute,
) -> Result<(), Fault> {
    cancellation.check()?;
    let so_far = log.so_far().await?;
    if so_far.view.ending.is_some() {
        return Ok(());
    }
    let cell = contexts.of(log.run());
    let context = cell.get_or_try_init(|| Context::read(deps, cancellation, &so_far));
    let Some(context) = context.await? else {
        return Err(Fault::bug(
            "something is to be built of a run without a plan",
        ));
    };
    let Some((spec, fingerprint)) = context.planned.plan.to_build(interaction) else {
        return Err(Fault::bug(
            "something is to be built that is not in the plan",
        ));
    };
    if so_far.has_ended(interaction) || so_far.repute(interaction) != asked_as {
        return Ok(());
    }
    let builder = context.builder(deps, log, cancellation);
    within_limits::build(&builder, spec, fingerprint, &so_far).await
}
