//! The packages that a run works with: those that the project at the head pins, if we can have them.

use std::path::Path;

use crate::domain::event::Event;
use crate::domain::limits;
use crate::domain::packages::{Packages, Pinned, WhyOurs};
use crate::domain::toolchain::ToolChain;
use crate::edge::git::GitError;
use crate::edge::nango::Template;
use crate::edge::toolchain::{self, ToolError};
use crate::rules::packages::{Found, candidates, choose};

use super::blocking::blocking;
use super::deps::Deps;
use super::fault::Fault;
use super::fetch::Checkout;
use super::log::{RunLog, SoFar};

/// What the run needs of the process, with the project's packages in it. Which these are is logged once, and stays so.
pub async fn of_run(
    deps: &Deps,
    log: &RunLog,
    checkout: &Checkout,
    so_far: &SoFar,
) -> Result<Deps, Fault> {
    let before = so_far.view.packages.as_ref();
    let mut packages = match before {
        Some(packages) => packages.clone(),
        None => pinned(checkout).await?,
    };
    let mut deps = deps.clone();
    if let Packages::Project { pinned, .. } = &packages {
        let (templates, tools, wanted) = (
            deps.machine.templates.clone(),
            deps.machine.template.tools().clone(),
            pinned.clone(),
        );
        match blocking(move || template(&templates, &tools, &wanted)).await? {
            Ok(template) => deps.machine.template = template,
            Err(why) => packages = Packages::Instead { why },
        }
    }
    if before != Some(&packages) {
        log.append(Event::PackagesChosen { packages }).await?;
    }
    Ok(deps)
}

async fn pinned(checkout: &Checkout) -> Result<Packages, Fault> {
    let checkout = checkout.clone();
    blocking(move || {
        let project = &checkout.settings.project;
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
