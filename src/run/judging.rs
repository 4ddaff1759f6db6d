//! Judging beside the async work: sources and tapes are parsed for a while, and webhooks have to be answered meanwhile.

use crate::domain::decision::Overruling;
use crate::domain::dossier::Dossier;
use crate::domain::name::Digest;
use crate::domain::verdict::Judgement;
use crate::edge::blobs::Dossiers;
use crate::rules::judge::judge_overruled;

use super::blocking::blocking;
use super::fault::Fault;

/// Judges a dossier of which people have overruled nothing yet.
pub async fn judged(dossier: Dossier) -> Result<(Dossier, Judgement), Fault> {
    overruled(dossier, Vec::new()).await
}

async fn overruled(
    dossier: Dossier,
    overrulings: Vec<Overruling>,
) -> Result<(Dossier, Judgement), Fault> {
    blocking(move || {
        let judgement = judge_overruled(&dossier, &overrulings);
        (dossier, judgement)
    })
    .await
}

/// Opens a dossier and judges it, after what people overruled in it; `what` is opened is for a person.
pub async fn judged_of(
    dossiers: &Dossiers,
    id: &Digest,
    overrulings: &[Overruling],
    what: &'static str,
) -> Result<(Dossier, Judgement), Fault> {
    let (dossiers, id) = (dossiers.clone(), id.clone());
    let opened = blocking(move || dossiers.get(&id)).await?;
    let opened = opened.map_err(|e| Fault::evidence(what, e))?;
    overruled(opened, overrulings.to_vec()).await
}
