//! A project from before Nango's functions described themselves: nothing can be put into it, which is said before any agent
//! begins.

use crate::domain::ending::Ending;
use crate::domain::pull::{Cause, Request};
use crate::edge::git::{ChangeStatus, GitError};
use crate::rules::assemble::{AssembleProblem, YAML};

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;

/// How the run ends when it is asked for a function in an old project.
pub async fn refused(checkout: &Checkout, request: &Request) -> Result<Option<Ending>, Fault> {
    let (checkout, is_named) = (
        checkout.clone(),
        matches!(request.cause, Cause::Local { .. }),
    );
    let refused = blocking(move || {
        let (mirror, head, settings) = (&checkout.mirror, &checkout.head, &checkout.settings);
        let file = settings.in_project(YAML);
        match mirror.entry(head, &file) {
            Ok(Some(_)) => {}
            Ok(None) | Err(GitError::NotAFile { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        let changed = mirror.changed(&checkout.merge_base, head, &settings.interactions)?;
        let is_wanted = |status: &ChangeStatus| !matches!(status, ChangeStatus::Removed);
        let is_asked = is_named || changed.iter().any(|one| is_wanted(&one.status));
        Ok(is_asked.then_some(AssembleProblem::Yaml(file)))
    });
    let refused = refused
        .await?
        .map_err(|e: GitError| Fault::passing("look at the project", e))?;
    Ok(refused.map(|problem| Ending::Declined {
        why: format!("{problem}, commit what it makes, and comment `/retry`."),
    }))
}
