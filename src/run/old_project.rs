//! A project from before Nango's functions described themselves: nothing of ours works in it, and Nango has a way out.

use crate::domain::ending::Ending;
use crate::domain::pull::{Cause, Request};
use crate::edge::git::GitError;

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;

/// The file that describes the functions of such a project.
const DESCRIBED: &str = "nango.yaml";
/// What a project of now has in its place.
const INDEX: &str = "index.ts";

/// How the run ends when it is asked for something in an old project.
pub async fn refused(checkout: &Checkout, request: &Request) -> Result<Option<Ending>, Fault> {
    let (checkout, is_named) = (
        checkout.clone(),
        matches!(request.cause, Cause::Local { .. }),
    );
    let refused = blocking(move || {
        let (mirror, head, settings) = (&checkout.mirror, &checkout.head, &checkout.settings);
        let is_there = |name: &str| match mirror.entry(head, &settings.in_project(name)) {
            Ok(found) => Ok(found.is_some()),
            Err(GitError::NotAFile { .. }) => Ok(false),
            Err(error) => Err(error),
        };
        if !is_there(DESCRIBED)? || is_there(INDEX)? {
            return Ok(None);
        }
        let changed = mirror.changed(&checkout.merge_base, head, &settings.interactions)?;
        let is_asked = is_named || !changed.is_empty();
        Ok(is_asked.then(|| settings.in_project(DESCRIBED)))
    });
    let refused = refused
        .await?
        .map_err(|e: GitError| Fault::passing("look at the project", e))?;
    Ok(refused.map(|file| Ending::Declined {
        why: format!(
            "`{file}` makes this a Nango project of the old kind, in which no function describes itself. Turn it into one of now \
             with `npx nango migrate-to-zero-yaml` in its folder, commit that, and comment `/retry`."
        ),
    }))
}
