//! Which functions go back to what they were: their specs are as at the merge base again, and the branch still has what an
//! earlier run made for another text.

use crate::domain::history::History;
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::plan::Placed;
use crate::domain::project::ProjectFolder;
use crate::domain::spec::Spec;
use crate::edge::blobs::Dossiers;
use crate::edge::git::GitError;
use crate::rules::taken_back::{Brought, brought};

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;

/// Of the specs that the pull request does not change those whose function at the head is what a run of ours put there for
/// another text. What a person has changed since is theirs, and what the merge base has as well needs nothing.
pub async fn restored(
    checkout: &Checkout,
    dossiers: &Dossiers,
    history: &History,
    unchanged: &[Spec],
) -> Result<Vec<Placed>, Fault> {
    let brought = brought(history.views());
    let candidates: Vec<(Placed, String, Brought)> = (unchanged.iter())
        .filter_map(|spec| {
            let project: &ProjectFolder = checkout.settings.project_of(spec);
            let path = project.path(&spec.function_path());
            let brought = brought.get(&path)?;
            (!brought.is_made_for(spec)).then(|| (Placed::of(spec), path, brought.clone()))
        })
        .collect();
    let (checkout, dossiers) = (checkout.clone(), dossiers.clone());
    blocking(move || {
        let mut restored = Vec::new();
        for (placed, path, brought) in candidates {
            let read = |at| checkout.mirror.read(at, &path, limits::FUNCTION_BYTES);
            let now = match read(&checkout.head) {
                Ok(Some(now)) => now,
                // Somebody put that there, or took it away.
                Ok(None) | Err(GitError::NotAFile { .. } | GitError::TooMuch { .. }) => continue,
                Err(error) => return Err(Fault::passing("read the branch", error)),
            };
            let before = match read(&checkout.merge_base) {
                Ok(before) => before,
                Err(GitError::NotAFile { .. } | GitError::TooMuch { .. }) => continue,
                Err(error) => return Err(Fault::passing("read the merge base", error)),
            };
            let ours = dossiers
                .find(&brought.dossier)
                .map_err(|e| Fault::evidence("open the evidence of earlier runs", e))?;
            let ours = ours.and_then(|ours| ours.seal.room.function.source().cloned());
            if ours == Some(Digest::of(&now)) && before.as_ref() != Some(&now) {
                restored.push(placed);
            }
        }
        Ok(restored)
    })
    .await?
}
