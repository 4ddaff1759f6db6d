//! What a person has changed since it was countersigned.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::limits;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::plan::{Plan, Step};
use crate::domain::tree::below;
use crate::edge::blobs::Dossiers;

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;

/// Tells what is as we left it from what a person has changed since. A function that is gone (somebody took our commit
/// back by force) is put in again. `made` are the dossiers of everything that was judged on the pull request.
pub async fn with_edited(
    checkout: &Checkout,
    dossiers: &Dossiers,
    made: BTreeMap<InteractionKey, BTreeSet<Digest>>,
    plan: Plan,
) -> Result<Plan, Fault> {
    let (checkout, dossiers) = (checkout.clone(), dossiers.clone());
    blocking(move || {
        let steps = plan.steps.into_iter().map(|step| {
            let Step::Carry { spec, signed } = step else {
                return step;
            };
            if dossiers.get(&signed.dossier).is_err() {
                // Its evidence is gone or broken, so nothing can be carried.
                let fingerprint = signed.fingerprint;
                return Step::Build { spec, fingerprint };
            }
            let ours = parts_of(&dossiers, made.get(&spec.key));
            let paths = [
                spec.function_path(),
                spec.recording_path(),
                spec.test_path(),
            ];
            let edited = paths.iter().any(|path| {
                let path = below(&checkout.settings.project, path);
                match checkout
                    .mirror
                    .read(&checkout.head, &path, limits::RECORDING_BYTES)
                {
                    Ok(None) => false,
                    Ok(Some(there)) => !ours.contains(&Digest::of(&there)),
                    // Too large, or no regular file: not what we put there.
                    Err(_) => true,
                }
            });
            if edited {
                Step::Edited { spec, signed }
            } else {
                Step::Carry { spec, signed }
            }
        });
        Plan {
            steps: steps.collect(),
            problems: plan.problems,
        }
    })
    .await
}

/// The functions, recordings and tests of these dossiers. One that cannot be opened has none.
fn parts_of(dossiers: &Dossiers, ids: Option<&BTreeSet<Digest>>) -> BTreeSet<Digest> {
    let seals = ids
        .into_iter()
        .flatten()
        .filter_map(|id| dossiers.get(id).ok());
    seals
        .flat_map(|dossier| {
            let room = dossier.seal.room;
            let function = room.function.source().cloned();
            [function, room.recording, room.test].into_iter().flatten()
        })
        .collect()
}
