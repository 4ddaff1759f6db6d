//! Which functions go back to what they were: their specs are as at the merge base again, and the branch still has what an
//! earlier run made for another text.

use crate::domain::history::History;
use crate::domain::plan::Placed;
use crate::domain::spec::Spec;
use crate::edge::blobs::Dossiers;

use super::blocking::blocking;
use super::brought::{self, At, There};
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
    let mut candidates = brought::of_specs(checkout, history, unchanged);
    candidates.retain(|(spec, _, brought)| !brought.is_made_for(spec));
    let (checkout, dossiers) = (checkout.clone(), dossiers.clone());
    blocking(move || {
        let mut restored = Vec::new();
        for one in candidates {
            if is_ours(&checkout, &dossiers, &one)? {
                restored.push(Placed::of(&one.0));
            }
        }
        Ok(restored)
    })
    .await?
}

/// Whether the head has what was brought, and the merge base something else or nothing.
fn is_ours(checkout: &Checkout, dossiers: &Dossiers, (_, path, of): &At) -> Result<bool, Fault> {
    let There::Text(now) = brought::there(checkout, &checkout.head, path)? else {
        return Ok(false);
    };
    let is_before = match brought::there(checkout, &checkout.merge_base, path)? {
        There::Nothing => false,
        There::Text(before) => before == now,
        // It could not be put back.
        There::Other => return Ok(false),
    };
    Ok(!is_before && brought::source(dossiers, &of.dossier)? == Some(now))
}
