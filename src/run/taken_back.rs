//! Which of the wanted functions a person has taken off the branch again.

use std::collections::BTreeSet;

use crate::domain::history::History;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::spec::Spec;
use crate::edge::blobs::Dossiers;
use crate::rules::taken_back::{Brought, Versions};

use super::blocking::blocking;
use super::brought::{self, There};
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
    let functions = brought::of_specs(checkout, history, specs);
    let (checkout, dossiers, judged) = (checkout.clone(), dossiers.clone(), history.judged());
    blocking(move || {
        let mut taken = BTreeSet::new();
        for (spec, path, brought) in functions {
            let there = match brought::there(&checkout, &checkout.head, &path)? {
                There::Nothing => None,
                There::Text(text) => Some(text),
                // Somebody put it there.
                There::Other => continue,
            };
            let versions = versions(&dossiers, &brought, judged.get(&spec.key))?;
            if brought.is_taken_back(&spec, there.as_ref(), &versions) {
                taken.insert(spec.key);
            }
        }
        Ok(taken)
    })
    .await?
}

/// The texts that a function had.
fn versions(
    dossiers: &Dossiers,
    last: &Brought,
    judged: Option<&BTreeSet<Digest>>,
) -> Result<Versions, Fault> {
    let mut versions = Versions::default();
    if let Some(dossier) = dossiers.find(&last.dossier).map_err(brought::unread)? {
        versions.brought = dossier.seal.room.function.source().cloned();
        versions
            .earlier
            .extend(dossier.seal.beginning.former().cloned());
    }
    for id in judged.into_iter().flatten() {
        versions.earlier.extend(brought::source(dossiers, id)?);
    }
    Ok(versions)
}
