//! What no run needs any more goes: evidence of old runs, and what was signed with it.

use crate::domain::retention::{Effect, Old, Pruned};
use crate::edge::blobs::Dossiers;
use crate::edge::store::Store;
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

/// Takes away the evidence of old runs, or tells what would go. Logs stay: reports and pages are rendered from them. Doing
/// it again, or twice at once, changes nothing.
///
/// # Errors
/// When the database fails, or the evidence cannot be read or taken away; the rest then goes next time.
pub async fn prune(
    store: &Store,
    dossiers: &Dossiers,
    old: &Old,
    effect: Effect,
) -> Result<Pruned, Fault> {
    let list = |e| Fault::passing("list old evidence", e);
    // Nothing may be carried whose evidence is about to go.
    if effect == Effect::Take {
        store.unsign_old(old).await.map_err(list)?;
    }
    let named = store.evidence(old).await.map_err(list)?;
    let dossiers = dossiers.clone();
    blocking(move || dossiers.prune(&named, effect))
        .await?
        .map_err(|e| Fault::evidence("take old evidence away", e))
}
