//! What was signed on a pull request.

use crate::domain::event::Event;
use crate::domain::plan::{Signed, Step};
use crate::domain::verdict::Verdict;
use crate::edge::store::Store;

use super::fault::Fault;
use super::log::SoFar;

/// Remembers what was countersigned, so that a run for a newer head can carry it, and forgets what goes. Done before
/// anything is pushed, and when a run is cancelled: what it has finished by then is not built again.
pub async fn sign(store: &Store, so_far: &SoFar) -> Result<(), Fault> {
    let place = so_far.request()?.place();
    let fault = |e| Fault::passing("write down what was signed", e);
    for logged in &so_far.events {
        let Event::Judged {
            judgement,
            fingerprint,
            ..
        } = &logged.event
        else {
            continue;
        };
        let (interaction, dossier) = (judgement.interaction.clone(), judgement.dossier.clone());
        if judgement.verdict == Verdict::Countersigned {
            let signed = Signed {
                interaction,
                fingerprint: fingerprint.clone(),
                dossier,
            };
            store.sign(&place, &signed).await.map_err(fault)?;
        } else {
            store.unsign(&place, &interaction).await.map_err(fault)?;
        }
    }
    let steps = so_far.planned().map(|planned| planned.plan.steps);
    for step in steps.unwrap_or_default() {
        if let Step::Remove(placed) = step {
            store.unsign(&place, &placed.key).await.map_err(fault)?;
        }
    }
    Ok(())
}
