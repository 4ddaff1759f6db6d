//! Which of the wanted functions a person has taken off the branch again.

use std::collections::BTreeSet;

use crate::domain::history::History;
use crate::domain::limits;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::spec::Spec;
use crate::edge::blobs::{DossierError, Dossiers};
use crate::rules::taken_back::{Brought, Versions, brought};

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;

/// Those of the specs whose function earlier runs of the pull request had put on its branch, and that is not there any more
/// at the head although the spec is the same: a revert, or a branch that was forced back.
pub async fn taken_back(
    checkout: &Checkout,
    dossiers: &Dossiers,
    history: &History,
    specs: &[Spec],
) -> Result<BTreeSet<InteractionKey>, Fault> {
    let brought = brought(history.views());
    let functions: Vec<(Spec, String, Brought)> = (specs.iter())
        .filter_map(|spec| {
            let path = checkout.settings.project_of(spec);
            let path = path.path(&spec.function_path());
            let brought = brought.get(&path)?.clone();
            Some((spec.clone(), path, brought))
        })
        .collect();
    let (checkout, dossiers, judged) = (checkout.clone(), dossiers.clone(), history.judged());
    blocking(move || {
        let mut taken = BTreeSet::new();
        for (spec, path, brought) in functions {
            let read = (checkout.mirror).read(&checkout.head, &path, limits::FUNCTION_BYTES);
            // Too large, or no regular file: somebody put it there.
            let Ok(there) = read else { continue };
            let there = there.map(|text| Digest::of(&text));
            let versions = versions(&dossiers, &brought, judged.get(&spec.key))?;
            if brought.is_taken_back(&spec, there.as_ref(), &versions) {
                taken.insert(spec.key);
            }
        }
        Ok(taken)
    })
    .await?
    .map_err(|e: DossierError| Fault::evidence("open the evidence of earlier runs", e))
}

/// The texts that a function had. Evidence that is gone tells of none.
fn versions(
    dossiers: &Dossiers,
    brought: &Brought,
    judged: Option<&BTreeSet<Digest>>,
) -> Result<Versions, DossierError> {
    let mut versions = Versions::default();
    if let Some(dossier) = dossiers.find(&brought.dossier)? {
        versions.brought = dossier.seal.room.function.source().cloned();
        versions
            .earlier
            .extend(dossier.seal.beginning.former().cloned());
    }
    for id in judged.into_iter().flatten() {
        let dossier = dossiers.find(id)?;
        let function = dossier.and_then(|dossier| dossier.seal.room.function.source().cloned());
        versions.earlier.extend(function);
    }
    Ok(versions)
}
