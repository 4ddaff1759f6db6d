//! What every step of settling looks at.

use std::collections::BTreeMap;

use crate::domain::decision::Overrulings;
use crate::domain::finding::Finding;
use crate::domain::history::History;
use crate::domain::name::Digest;
use crate::domain::project::ProjectFolder;
use crate::domain::pull::Request;
use crate::domain::view::View;
use crate::edge::blobs::Dossiers;
use crate::edge::github::GitHub;
use crate::run::cancel::Cancellation;
use crate::run::deps::Deps;
use crate::run::fault::Fault;
use crate::run::fetch::Checkout;
use crate::run::log::{Planned, RunLog, SoFar};
use crate::run::machine::Machine;
use crate::run::machines::Machines;

/// What is settled.
pub struct ToSettle<'a> {
    /// Where signatures and evidence are kept.
    pub deps: &'a Deps,
    /// With what each project is worked on.
    pub machines: &'a Machines,
    /// The repository.
    pub checkout: &'a Checkout,
    /// What was to be done.
    pub planned: &'a Planned,
    /// Earlier runs.
    pub history: &'a History,
    /// What people overruled.
    pub overrulings: &'a Overrulings,
}

impl ToSettle<'_> {
    /// What every step looks at, as the log has it now.
    pub(super) fn table<'a>(
        &'a self,
        log: &'a RunLog,
        cancellation: &'a Cancellation,
        so_far: &'a SoFar,
    ) -> Result<Settling<'a>, Fault> {
        let mut bases = self.history.bases(&self.checkout.head);
        bases.extend(so_far.view.bases.clone());
        Ok(Settling {
            log,
            bases,
            history: self.history,
            overrulings: self.overrulings,
            machines: self.machines,
            dossiers: &self.deps.machine.dossiers,
            github: self.deps.github.as_ref(),
            checkout: self.checkout,
            request: so_far.request()?,
            planned: self.planned,
            view: &so_far.view,
            cancellation,
        })
    }
}

/// Everything that settling needs to know.
pub(super) struct Settling<'a> {
    /// What is written down on the way.
    pub log: &'a RunLog,
    /// Earlier runs.
    pub history: &'a History,
    /// What people overruled.
    pub overrulings: &'a Overrulings,
    /// What is known of this head without the run's functions; see [`View::bases`].
    pub bases: BTreeMap<Digest, Digest>,
    /// Tools, walls, dossiers, with each project's packages.
    pub machines: &'a Machines,
    /// The evidence of everything.
    pub dossiers: &'a Dossiers,
    /// GitHub, for runs of pull requests.
    pub github: Option<&'a GitHub>,
    /// The repository.
    pub checkout: &'a Checkout,
    /// Who asked for what.
    pub request: &'a Request,
    /// What was to be done.
    pub planned: &'a Planned,
    /// What became of it.
    pub view: &'a View,
    /// How the run is cancelled.
    pub cancellation: &'a Cancellation,
}

/// One project of the run, while it is settled.
pub(super) struct InProject<'a> {
    /// The run.
    pub run: &'a Settling<'a>,
    /// The project.
    pub project: &'a ProjectFolder,
    /// What it is worked on with.
    pub machine: &'a Machine,
}

impl<'a> Settling<'a> {
    /// The same, looking at one project.
    pub fn in_project(&'a self, project: &'a ProjectFolder) -> InProject<'a> {
        InProject {
            run: self,
            project,
            machine: self.machines.of(project),
        }
    }
}

impl InProject<'_> {
    /// The project, where it has to be named because there are several.
    pub fn to_name(&self) -> Option<ProjectFolder> {
        self.run.checkout.settings.projects.to_name(self.project)
    }

    /// What was found, said of this project.
    pub fn said_of_it(&self, mut finding: Finding) -> Finding {
        if let Some(name) = self.to_name() {
            finding.sentence = format!("{name}: {}", finding.sentence);
        }
        finding
    }
}
