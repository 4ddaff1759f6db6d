//! What a run is asked for: specs read at the head and compared with the merge base.

use std::collections::BTreeSet;

use crate::domain::finding::Finding;
use crate::domain::history::History;
use crate::domain::name::InteractionKey;
use crate::domain::plan::Placed;
use crate::domain::project::{ProjectFolder, Projects};
use crate::domain::pull::{Cause, Request};
use crate::domain::spec::Spec;
use crate::edge::blobs::Dossiers;

use super::blocking::blocking;
use super::compared_specs::ComparedSpecs;
use super::fault::Fault;
use super::fetch::Checkout;
use super::log::{Planned, SoFar};
use super::restored::restored;

/// What there is to plan.
#[derive(Debug)]
pub enum Asked {
    /// Nothing more: the log has a plan.
    Planned(Planned),
    /// This.
    Anew(Wanted),
}

/// What the branch wants, or who started the run.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Valid specs that are changed, or that somebody named.
    pub specs: Vec<Spec>,
    /// Functions that were made for another text of their spec than the merge base and the head have.
    pub restored: Vec<Placed>,
    /// Functions whose specs are gone.
    pub removed: Vec<Placed>,
    /// Where functions of these specs were before they named another project.
    pub moved: Vec<Placed>,
    /// Of the specs those that are new, while their functions are as the merge base has them.
    pub adopted: BTreeSet<InteractionKey>,
    /// What is wrong with specs.
    pub problems: Vec<Finding>,
    /// What was asked for and is told of as a problem.
    pub refused: BTreeSet<InteractionKey>,
}

impl Asked {
    /// Reads and compares, unless the log has a plan already.
    pub async fn read(
        checkout: &Checkout,
        dossiers: &Dossiers,
        request: &Request,
        history: &History,
        so_far: &SoFar,
    ) -> Result<Self, Fault> {
        match so_far.planned() {
            Some(planned) => Ok(Self::Planned(planned)),
            None => wanted(checkout, dossiers, request, history)
                .await
                .map(Self::Anew),
        }
    }

    /// Where functions were before their specs named another project.
    pub fn moved(&self) -> &[Placed] {
        match self {
            Self::Planned(planned) => &planned.plan.moved,
            Self::Anew(wanted) => &wanted.moved,
        }
    }

    /// The projects of a repository in which anything is to be done.
    pub fn projects(&self, all: &Projects) -> BTreeSet<ProjectFolder> {
        match self {
            Self::Planned(planned) => planned.plan.projects(all),
            Self::Anew(wanted) => wanted.projects(all),
        }
    }
}

impl Wanted {
    /// The projects of a repository in which anything is to be done.
    pub fn projects(&self, all: &Projects) -> BTreeSet<ProjectFolder> {
        let specs = self.specs.iter().map(|spec| spec.project.as_ref());
        let others = self.restored.iter().chain(&self.removed).chain(&self.moved);
        let said = specs.chain(others.map(|placed| placed.project.as_ref()));
        said.map(|said| all.of(said).clone()).collect()
    }
}

async fn wanted(
    checkout: &Checkout,
    dossiers: &Dossiers,
    request: &Request,
    history: &History,
) -> Result<Wanted, Fault> {
    let begun = match request.pull() {
        Some(_) => history.begun(&request.run),
        None => BTreeSet::new(),
    };
    let there = checkout.clone();
    let read = blocking(move || ComparedSpecs::read(&there, begun)).await?;
    let compared = read.map_err(|e| Fault::passing("read the specs of the pull request", e))?;
    let named = named(request);
    // Named on the command line: built whether the branch changes them or not.
    let only_named = matches!(request.cause, Cause::Local { .. }) && !named.is_empty();
    let ComparedSpecs {
        now,
        before,
        changed,
        left,
        moved,
        adopted,
    } = compared;
    let is_wanted = |spec: &Spec| match only_named {
        true => named.contains(&spec.key),
        false => changed.touches(spec),
    };
    let removed = before
        .specs
        .iter()
        .filter(|spec| !only_named && changed.removed.contains(&spec.path))
        .map(Placed::of)
        .chain(left)
        .collect();
    let interactions = &checkout.settings.interactions;
    let problems = now.problems.iter().filter(|problem| match only_named {
        true => belongs(named, interactions, &problem.path),
        false => changed.concerns(&problem.path),
    });
    let problems = problems.map(|problem| problem.finding()).collect();
    let (specs, rest): (Vec<Spec>, Vec<Spec>) = now.specs.into_iter().partition(is_wanted);
    let restored = match request.pull() {
        Some(_) => restored(checkout, dossiers, history, &rest).await?,
        // What a local run makes goes to a branch of our own.
        None => Vec::new(),
    };
    let is_asked = |placed: &Placed| specs.iter().any(|spec| spec.key == placed.key);
    let moved = moved.into_iter().filter(is_asked).collect();
    Ok(Wanted {
        specs,
        restored,
        removed,
        moved,
        adopted,
        problems,
        refused: BTreeSet::new(),
    })
}

/// What somebody asked for by name; nothing when all is asked for.
pub(super) fn named(request: &Request) -> &[InteractionKey] {
    match &request.cause {
        Cause::Retry { only, .. } | Cause::Local { only, .. } => only,
        Cause::Head
        | Cause::Base
        | Cause::Woken { .. }
        | Cause::Rerun { .. }
        | Cause::Decided { .. } => &[],
    }
}

/// Whether `path` is the spec of one of `keys`, or the `integration.yaml` beside it.
fn belongs(keys: &[InteractionKey], interactions: &str, path: &str) -> bool {
    keys.iter().any(|key| {
        path == format!("{interactions}/{key}.yaml")
            || path == format!("{interactions}/{}/integration.yaml", key.integration)
    })
}
