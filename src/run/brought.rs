//! What earlier runs of a pull request put on its branch, beside what is there.

use crate::domain::history::History;
use crate::domain::limits;
use crate::domain::name::{Digest, Sha};
use crate::domain::spec::Spec;
use crate::edge::blobs::{DossierError, Dossiers};
use crate::edge::git::GitError;
use crate::rules::taken_back::{Brought, brought};

use super::fault::Fault;
use super::fetch::Checkout;

/// A spec, the path of its function from the repository's root, and what a run put there last.
pub type At = (Spec, String, Brought);

/// What stands at the path of a function.
pub enum There {
    /// Nothing.
    Nothing,
    /// This text.
    Text(Digest),
    /// What is too large, or no regular file: none of ours.
    Other,
}

/// Those of the specs whose function an earlier run put on the branch.
pub fn of_specs(checkout: &Checkout, history: &History, specs: &[Spec]) -> Vec<At> {
    let brought = brought(history.views());
    let functions = specs.iter().filter_map(|spec| {
        let path = (checkout.settings.project_of(spec)).path(&spec.function_path());
        let brought = brought.get(&path)?.clone();
        Some((spec.clone(), path, brought))
    });
    functions.collect()
}

/// What a commit has at a path. Blocks.
pub fn there(checkout: &Checkout, at: &Sha, path: &str) -> Result<There, Fault> {
    match checkout.mirror.read(at, path, limits::FUNCTION_BYTES) {
        Ok(None) => Ok(There::Nothing),
        Ok(Some(text)) => Ok(There::Text(Digest::of(&text))),
        Err(GitError::NotAFile { .. } | GitError::TooMuch { .. }) => Ok(There::Other),
        Err(error) => Err(Fault::passing("read the branch", error)),
    }
}

/// The function of a piece of evidence. Evidence that is gone tells of none. Blocks.
pub fn source(dossiers: &Dossiers, id: &Digest) -> Result<Option<Digest>, Fault> {
    let found = dossiers.find(id).map_err(unread)?;
    Ok(found.and_then(|dossier| dossier.seal.room.function.source().cloned()))
}

/// That evidence cannot be read.
pub fn unread(error: DossierError) -> Fault {
    Fault::evidence("open the evidence of earlier runs", error)
}
