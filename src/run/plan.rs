//! What a run has to do: what is asked for, compared with what was signed before.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::event::Event;
use crate::domain::history::History;
use crate::domain::name::InteractionKey;
use crate::domain::plan::{Plan, Step};
use crate::domain::project::ProjectFolder;
use crate::domain::pull::{Cause, Request};
use crate::domain::spec::Spec;
use crate::rules::ground::usable;
use crate::rules::plan::{PlanInput, may_not_overrule, plan, with_budgets};

use super::asked::{Asked, Wanted, named};
use super::deps::Deps;
use super::edited::with_edited;
use super::fault::Fault;
use super::fetch::Checkout;
use super::ground::GroundOfRun;
use super::log::{Planned, RunLog};
use super::machines::Machines;
use super::skills::Skills;
use super::taken_back::taken_back;

/// What planning looks at.
pub struct Planning<'a> {
    /// Where it was signed before.
    pub deps: &'a Deps,
    /// With what each project is worked on.
    pub machines: &'a Machines,
    /// The repository.
    pub checkout: &'a Checkout,
    /// Who asks for what.
    pub request: &'a Request,
    /// Know-how for the agents.
    pub skills: &'a Skills,
    /// Earlier runs.
    pub history: &'a History,
    /// The projects at the head.
    pub ground: &'a GroundOfRun,
}

impl Planning<'_> {
    /// The plan of the run: as its log has it, or decided now and logged.
    pub async fn once(&self, log: &RunLog, asked: Asked) -> Result<Planned, Fault> {
        let wanted = match asked {
            Asked::Planned(planned) => return Ok(planned),
            Asked::Anew(wanted) => wanted,
        };
        let (checkout, dossiers) = (self.checkout, &self.deps.machine.dossiers);
        let plan = self.decide(wanted).await?;
        let plan = with_edited(checkout, dossiers, self.history, plan).await?;
        let plan = self.with_known_before(plan).await?;
        let logged = log
            .append(Event::Planned {
                plan: plan.clone(),
                merge_base: checkout.merge_base.clone(),
                base: Some(checkout.base.clone()),
                projects: checkout.settings.projects.clone(),
                commit: checkout.settings.commit,
                watched: checkout.settings.mode,
            })
            .await?;
        Ok(Planned {
            plan,
            at_ms: logged.at_ms,
        })
    }

    /// Says what is known of the projects that agents will build on, when any will.
    async fn with_known_before(&self, mut plan: Plan) -> Result<Plan, Fault> {
        let mut built: BTreeMap<&ProjectFolder, Vec<&Spec>> = BTreeMap::new();
        for step in &plan.steps {
            if let Step::Build { spec, .. } = step {
                let project = self.checkout.settings.project_of(spec);
                built.entry(project).or_default().push(spec);
            }
        }
        let mut all = Vec::new();
        for (project, specs) in built {
            let there = self.ground.project(project).await?;
            all.extend(usable::known_before(&there.files, &specs, project));
        }
        plan.problems.extend(all);
        Ok(plan)
    }

    /// Decides what each interaction needs.
    async fn decide(&self, wanted: Wanted) -> Result<Plan, Fault> {
        let signed = (self.deps.store.signed(&self.request.place()).await)
            .map_err(|e| Fault::passing("read what was signed", e))?;
        let named = named(self.request).iter();
        let named: Vec<InteractionKey> = named
            .filter(|key| !wanted.refused.contains(*key))
            .cloned()
            .collect();
        let taken_back = match self.request.pull() {
            Some(_) => {
                let dossiers = &self.deps.machine.dossiers;
                taken_back(self.checkout, dossiers, self.history, &wanted.specs).await?
            }
            // The commit of a local run goes to a branch of our own, so nothing was ever on the one that is worked on.
            None => BTreeSet::new(),
        };
        let settings = &self.checkout.settings;
        let mut problems = wanted.problems;
        if let Some((by, decisions)) = self.request.cause.decisions()
            && !decisions.overrules.is_empty()
            && !decisions.may_overrule(by, &settings.overrulers)
        {
            problems.push(may_not_overrule(by));
        }
        let plan = plan(PlanInput {
            specs: wanted.specs,
            restored: wanted.restored,
            removed: wanted.removed,
            moved: wanted.moved,
            problems,
            signed: &signed,
            adopted: &wanted.adopted,
            taken_back: &taken_back,
            skipped: &self.history.skipped(),
            retry_only: &named,
            skills: &self.skills.digests(),
            locks: &self.machines.locks(),
        });
        Ok(match &self.request.cause {
            Cause::Retry { budgets, .. } => with_budgets(plan, budgets),
            _ => plan,
        })
    }
}
