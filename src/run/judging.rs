//! Judging beside the async work: sources and tapes are parsed for a while, and webhooks have to be answered meanwhile.

use crate::domain::dossier::Dossier;
use crate::domain::name::Digest;
use crate::domain::verdict::Judgement;
use crate::edge::blobs::Dossiers;
use crate::rules::judge::judge;

use super::blocking::blocking;
use super::fault::Fault;

/// Judges a dossier.
pub async fn judged(dossier: Dossier) -> Result<(Dossier, Judgement), Fault> {
    blocking(move || {
        let judgement = judge(&dossier);
        (dossier, judgement)
    })
    .await
}

/// Opens a dossier and judges it; `what` is opened is for a person.
pub async fn judged_of(
    dossiers: &Dossiers,
    id: &Digest,
    what: &'static str,
) -> Result<(Dossier, Judgement), Fault> {
    let (dossiers, id) = (dossiers.clone(), id.clone());
    let opened = blocking(move || dossiers.get(&id)).await?;
    judged(opened.map_err(|e| Fault::evidence(what, e))?).await
}
