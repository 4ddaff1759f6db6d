//! What the builds of one run share. Whoever takes the run up plans it; any machine that builds something of it reads the same
//! from the log and the repository.

use std::collections::BTreeMap;

use crate::domain::decision::Overrulings;
use crate::domain::event::Event;
use crate::domain::guidance::Guidance;
use crate::domain::history::History;
use crate::domain::name::{InteractionKey, Sha};
use crate::domain::pull::Request;
use crate::rules::guidance;

use super::asked::Asked;
use super::build::Builder;
use super::cancel::Cancellation;
use super::deps::Deps;
use super::fault::Fault;
use super::fetch::{self, Checkout};
use super::ground::GroundOfRun;
use super::log::{Planned, RunLog, SoFar};
use super::machines::Machines;
use super::packages;
use super::plan::Planning;
use super::skills::{self, Skills};

/// Everything that was looked up, chosen and decided for a run before its builds.
pub struct Context {
    /// The repository.
    pub checkout: Checkout,
    /// Earlier runs.
    pub history: History,
    /// What people overruled.
    pub overrulings: Overrulings,
    /// With what each project is worked on.
    pub machines: Machines,
    /// What is to be done.
    pub planned: Planned,
    skills: Skills,
    ground: GroundOfRun,
    guidance: BTreeMap<InteractionKey, Guidance>,
    now: Box<dyn Fn() -> i64 + Send + Sync>,
}

impl Context {
    /// Decides what the run has to do, or finds it decided in its log.
    pub async fn plan(
        deps: &Deps,
        log: &RunLog,
        cancellation: &Cancellation,
        so_far: &SoFar,
        checkout: Checkout,
        history: History,
        asked: Asked,
    ) -> Result<Self, Fault> {
        let projects = asked.projects(&checkout.settings.projects);
        let machines =
            packages::of_run(deps, log, cancellation, &checkout, &projects, so_far).await?;
        let request = so_far.request()?;
        let skills = skills::of_run(&checkout).await?;
        let ground = GroundOfRun::new(&checkout, &history, &request.cause, &asked);
        let planning = Planning {
            deps,
            machines: &machines,
            checkout: &checkout,
            request,
            skills: &skills,
            history: &history,
            ground: &ground,
        };
        let planned = planning.once(log, asked).await?;
        Ok(Self {
            guidance: guidance::of_run(request, &planned.plan, &history),
            overrulings: history.overrulings(&checkout.settings.overrulers),
            now: now(deps),
            checkout,
            history,
            machines,
            planned,
            skills,
            ground,
        })
    }

    /// Reads what another machine has planned. Nothing when its log holds no plan.
    pub async fn read(
        deps: &Deps,
        cancellation: &Cancellation,
        so_far: &SoFar,
    ) -> Result<Option<Self>, Fault> {
        let Some(planned) = so_far.planned() else {
            return Ok(None);
        };
        let request = so_far.request()?;
        let (github, base) = (deps.github()?, base(so_far));
        let checkout = fetch::again(github, &deps.mirrors, request, base).await?;
        let history = history(deps, request).await?;
        let asked = Asked::Planned(planned.clone());
        let projects = asked.projects(&checkout.settings.projects);
        let machines =
            packages::as_chosen(deps, cancellation, &checkout, &projects, so_far).await?;
        Ok(Some(Self {
            skills: skills::of_run(&checkout).await?,
            ground: GroundOfRun::new(&checkout, &history, &request.cause, &asked),
            guidance: guidance::of_run(request, &planned.plan, &history),
            overrulings: history.overrulings(&checkout.settings.overrulers),
            now: now(deps),
            checkout,
            history,
            machines,
            planned,
        }))
    }

    /// For building something of it.
    pub fn builder<'a>(
        &'a self,
        deps: &'a Deps,
        log: &'a RunLog,
        cancellation: &'a Cancellation,
    ) -> Builder<'a> {
        Builder {
            machines: &self.machines,
            log,
            cancellation,
            settings: &self.checkout.settings,
            skills: &self.skills,
            guidance: &self.guidance,
            overrulings: &self.overrulings,
            ground: &self.ground,
            engine: &*deps.engine,
            now: &*self.now,
        }
    }
}

/// Earlier runs of the place of `request`.
pub async fn history(deps: &Deps, request: &Request) -> Result<History, Fault> {
    let history = deps.store.history(&request.place()).await;
    history.map_err(|e| Fault::passing("read earlier runs", e))
}

fn base(so_far: &SoFar) -> Option<&Sha> {
    so_far.events.iter().find_map(|logged| match &logged.event {
        Event::Planned { base, .. } => base.as_ref(),
        _ => None,
    })
}

fn now(deps: &Deps) -> Box<dyn Fn() -> i64 + Send + Sync> {
    let clock = deps.clock.clone();
    Box::new(move || clock.now_ms())
}
