//! Many at once: the builds of one run side by side, and the limits that hold for a run as a whole.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream;

use crate::domain::event::Event;
use crate::domain::limits;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::plan::{Plan, Step};
use crate::domain::spec::Spec;
use crate::edge::engine::{Build, Placed, Repute};
use crate::rules::order::longest_first;

use super::build::Builder;
use super::fault::{CancelCause, Fault};
use super::log::SoFar;
use super::machine::Machine;
use super::within_limits;
use crate::domain::history::{Earlier, History};
use crate::domain::pull::{Cause, Request};

/// Earlier judgements that stand: all but those of interactions that were asked for again.
fn standing(request: &Request, history: &History) -> BTreeMap<InteractionKey, Earlier> {
    match &request.cause {
        Cause::Retry { only, .. } if !only.is_empty() => {
            let standing = history.standing(&request.run).into_iter();
            standing.filter(|(key, _)| !only.contains(key)).collect()
        }
        Cause::Decided { .. } => history.standing(&request.run),
        _ => BTreeMap::new(),
    }
}

/// The builds of one run.
pub struct Many<'a> {
    builder: &'a Builder<'a>,
    /// Whose turn it has to be.
    repository: &'a str,
    /// Judgements that stand, where nothing has changed since.
    earlier: BTreeMap<InteractionKey, Earlier>,
    /// How long each took before.
    took: BTreeMap<InteractionKey, u64>,
    so_far: &'a SoFar,
}

impl<'a> Many<'a> {
    /// Those of this request; `so_far` is what the log said when its run was taken up.
    pub fn of(
        builder: &'a Builder<'a>,
        request: &'a Request,
        history: &History,
        so_far: &'a SoFar,
    ) -> Self {
        Self {
            builder,
            repository: request.repository(),
            earlier: standing(request, history),
            took: history.took(),
            so_far,
        }
    }

    /// Builds everything that the plan says, at most [`crate::domain::settings::Settings::parallel`] at once, those first that
    /// took longest before, and one by one at the end the suspects, in the middle of which processes died. A fault of one keeps no
    /// other from its end; the first is returned when all are done.
    pub async fn each_at_once(&self, plan: &Plan) -> Result<(), Fault> {
        let mut together: Vec<BoxFuture<'_, Result<(), Fault>>> = Vec::new();
        let mut alone: Vec<BoxFuture<'_, Result<(), Fault>>> = Vec::new();
        for step in longest_first(&plan.steps, &self.took) {
            match step {
                Step::Build { spec, fingerprint } => {
                    let builds = match self.so_far.repute(&spec.key) {
                        Repute::Good => &mut together,
                        Repute::Suspect => &mut alone,
                    };
                    builds.push(Box::pin(self.one(spec, fingerprint)));
                }
                Step::Carry { spec, signed } => {
                    together.push(Box::pin(self.builder.carry(spec, signed, self.so_far)));
                }
                Step::Edited { .. }
                | Step::Adopted { .. }
                | Step::TakenBack { .. }
                | Step::Skipped { .. }
                | Step::Restore { .. }
                | Step::Remove { .. } => {}
            }
        }
        let at_once = usize::from(self.builder.settings.parallel.max(1));
        let side_by_side = stream::iter(together).buffer_unordered(at_once);
        let mut working = side_by_side.chain(stream::iter(alone).buffer_unordered(1));
        let mut result = Ok(());
        while let Some(built) = working.next().await {
            result = result.and(built);
        }
        result
    }

    /// Tries the agents' walls and notes which stand, once in a run in which an agent will work.
    pub async fn try_walls(&self, machine: &Machine, plan: &Plan) -> Result<(), Fault> {
        let Many {
            builder, so_far, ..
        } = self;
        let is_build = |step: &Step| matches!(step, Step::Build { .. });
        if !plan.steps.iter().any(is_build) || so_far.view.walls.is_some() {
            return Ok(());
        }
        let walls = tokio::select! {
            biased;
            cancelled = builder.cancellation.cancelled() => return Err(cancelled),
            walls = machine.walls_of(builder.settings.mode) => walls?,
        };
        builder
            .log
            .append(Event::WallsTried { walls })
            .await
            .map(drop)
    }

    async fn one(&self, spec: &Spec, fingerprint: &Digest) -> Result<(), Fault> {
        let Many {
            builder, so_far, ..
        } = self;
        builder.cancellation.check()?;
        let earlier = self.earlier.get(&spec.key).filter(|earlier| {
            &earlier.fingerprint == fingerprint && is_for(spec, earlier, builder)
        });
        match earlier {
            // Old evidence goes, and a judgement does not stand without.
            Some(earlier) if builder.has(spec, &earlier.judgement.dossier).await? => {
                builder.stands(spec, earlier, so_far).await
            }
            _ => self.build(spec, fingerprint).await,
        }
    }

    /// Builds it here, or waits until it was built elsewhere.
    async fn build(&self, spec: &Spec, fingerprint: &Digest) -> Result<(), Fault> {
        let Many {
            builder, so_far, ..
        } = self;
        if so_far.has_ended(&spec.key) {
            return Ok(());
        }
        let mut repute = so_far.repute(&spec.key);
        loop {
            let build = Build {
                run: builder.log.run().to_string(),
                interaction: spec.key.to_string(),
                repository: self.repository.to_owned(),
                repute,
            };
            let placed = tokio::select! {
                biased;
                cancelled = builder.cancellation.cancelled() => {
                    self.call_back(&build, &cancelled).await;
                    return Err(cancelled);
                }
                placed = builder.engine.build(&build) => placed,
            };
            let turn = match placed {
                Placed::Here(turn) => turn,
                Placed::Elsewhere => {
                    let now = builder.log.so_far().await?;
                    if now.has_ended(&spec.key) {
                        return Ok(());
                    }
                    // It has become a suspect, or somebody ended it by hand.
                    repute = now.repute(&spec.key);
                    self.pause().await?;
                    continue;
                }
            };
            let built = within_limits::build(builder, spec, fingerprint, so_far).await;
            drop(turn);
            return built;
        }
    }

    /// Waits before somebody else is asked to build it.
    async fn pause(&self) -> Result<(), Fault> {
        tokio::select! {
            cancelled = self.builder.cancellation.cancelled() => Err(cancelled),
            () = tokio::time::sleep(Duration::from_secs(limits::LOOK_SECONDS)) => Ok(()),
        }
    }

    /// Has it ended elsewhere, unless only we end: then others go on with it, and whoever takes up the run finds it.
    async fn call_back(&self, build: &Build, cancelled: &Fault) {
        if let Fault::Cancelled(CancelCause::Asked(_)) = cancelled {
            let ended = self.builder.engine.call_back(build);
            let patience = Duration::from_secs(limits::CALL_BACK_SECONDS);
            if tokio::time::timeout(patience, ended).await.is_err() {
                tracing::warn!(
                    ?build,
                    "a build that was called back has not ended; its writes are refused"
                );
            }
        }
    }
}

/// Whether an earlier judgement is of a function for the same project.
fn is_for(spec: &Spec, earlier: &Earlier, builder: &Builder<'_>) -> bool {
    let projects = &builder.settings.projects;
    projects.of(earlier.project.as_ref()) == projects.of(spec.project.as_ref())
}
