//! The packages that a run works with: those that each project at the head pins, if we can have them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::event::Event;
use crate::domain::limits;
use crate::domain::packages::{Packages, Pinned, WhyOurs};
use crate::domain::project::ProjectFolder;
use crate::domain::toolchain::ToolChain;
use crate::edge::git::GitError;
use crate::edge::nango::Template;
use crate::edge::toolchain::{self, ToolError};
use crate::rules::packages::{Found, candidates, choose};

use super::blocking::blocking;
use super::cancel::Cancellation;
use super::deps::Deps;
use super::fault::Fault;
use super::fetch::Checkout;
use super::log::{RunLog, SoFar};
use super::machine::Machine;
use super::machines::Machines;

/// The machine for each of the `projects`, with its packages in it. Which these are is logged once, and stays so.
pub async fn of_run(
    deps: &Deps,
    log: &RunLog,
    cancellation: &Cancellation,
    checkout: &Checkout,
    projects: &BTreeSet<ProjectFolder>,
    so_far: &SoFar,
) -> Result<Machines, Fault> {
    let mut theirs = BTreeMap::new();
    for project in projects {
        let name = checkout.settings.projects.to_name(project);
        let before = so_far.view.packages.of(name.as_ref());
        let mut packages = match before {
            Some(packages) => packages.clone(),
            None => pinned(checkout, project).await?,
        };
        if let Packages::Project { pinned, .. } = &packages {
            match installed(deps, cancellation, pinned).await? {
                Ok(machine) => drop(theirs.insert(project.clone(), machine)),
                Err(why) => packages = Packages::Instead { why },
            }
        }
        if before != Some(&packages) {
            log.append(Event::PackagesChosen {
                project: name,
                packages,
            })
            .await?;
        }
    }
    Ok(Machines::new(deps.machine.clone(), theirs))
}

/// The same on another machine than the one that chose them.
///
/// # Errors
/// When this machine cannot have them, for now.
pub async fn as_chosen(
    deps: &Deps,
    cancellation: &Cancellation,
    checkout: &Checkout,
    projects: &BTreeSet<ProjectFolder>,
    so_far: &SoFar,
) -> Result<Machines, Fault> {
    let mut theirs = BTreeMap::new();
    for project in projects {
        let name = checkout.settings.projects.to_name(project);
        let Some(Packages::Project { pinned, .. }) = so_far.view.packages.of(name.as_ref()) else {
            continue;
        };
        let cannot =
            |why: WhyOurs| Fault::passing("install what the project pins", why.to_string());
        let machine = installed(deps, cancellation, pinned)
            .await?
            .map_err(cannot)?;
        theirs.insert(project.clone(), machine);
    }
    Ok(Machines::new(deps.machine.clone(), theirs))
}

/// The machine with these packages in it.
async fn installed(
    deps: &Deps,
    cancellation: &Cancellation,
    pinned: &Pinned,
) -> Result<Result<Machine, WhyOurs>, Fault> {
    let (templates, tools, wanted) = (
        deps.machine.templates.clone(),
        deps.machine.template.tools().clone(),
        pinned.clone(),
    );
    // Installing takes minutes. It goes on for the next run, where we do.
    let template = tokio::select! {
        biased;
        cancelled = cancellation.cancelled() => return Err(cancelled),
        template = blocking(move || template(&templates, &tools, &wanted)) => template?,
    };
    Ok(template.map(|template| Machine {
        template,
        ..deps.machine.clone()
    }))
}

async fn pinned(checkout: &Checkout, project: &ProjectFolder) -> Result<Packages, Fault> {
    let (checkout, project) = (checkout.clone(), project.clone());
    blocking(move || {
        let project = project.as_str();
        let mut found = Found::new();
        for path in candidates(project) {
            let file = match checkout
                .mirror
                .read(&checkout.head, &path, limits::LOCK_FILE_BYTES)
            {
                Ok(None) => continue,
                Ok(Some(bytes)) => Ok(bytes),
                Err(error @ (GitError::TooMuch { .. } | GitError::NotAFile { .. })) => {
                    Err(error.to_string())
                }
                Err(error) => return Err(error),
            };
            found.insert(path, file);
        }
        Ok(choose(project, &found))
    })
    .await?
    .map_err(|e: GitError| Fault::passing("read what the project pins", e))
}

fn template(templates: &Path, tools: &ToolChain, pinned: &Pinned) -> Result<Template, WhyOurs> {
    let progress = |said: &str| tracing::info!("{said}");
    let why = |error: &dyn std::error::Error, public: &str| {
        tracing::warn!(%error, %pinned, "the packages that a project pins cannot be had");
        WhyOurs::Uninstalled {
            pinned: Box::new(pinned.clone()),
            error: public.to_owned(),
        }
    };
    let tools = toolchain::with_packages(tools, pinned, &progress)
        .map_err(|error| why(&error, &public(&error)))?;
    Template::ensure(templates, &tools).map_err(|error| why(&error, "the CLI makes no project"))
}

/// What may be said of an error where everybody can read it: no paths, no addresses.
fn public(error: &ToolError) -> String {
    match error {
        ToolError::NotAsLocked { what, .. } => what.clone(),
        ToolError::TimedOut { what, seconds } => {
            format!("{what} took longer than {seconds} seconds")
        }
        ToolError::TooManySets { sets, .. } => {
            format!("{sets} other sets were asked for within a day already")
        }
        ToolError::Npm { .. } => "npm refused; the server's log says why".into(),
        ToolError::Platform { .. }
        | ToolError::NotFound { .. }
        | ToolError::Busy { .. }
        | ToolError::Files { .. } => "the server's log says why".into(),
    }
}
