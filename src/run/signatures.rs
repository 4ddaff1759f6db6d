//! What a run writes down besides its results: what it is going to do, and what was signed on its pull request.

use crate::domain::event::Event;
use crate::domain::plan::{Signed, Step};
use crate::domain::verdict::Verdict;
use crate::edge::store::Store;

use super::fault::Fault;
use super::fetch::Checkout;
use super::log::{Planned, RunLog, SoFar};
use super::machine::Machine;
use super::plan;
use super::skills::Skills;

/// Decides what each interaction needs, and logs it.
pub async fn plan(
    store: &Store,
    machine: &Machine,
    log: &RunLog,
    checkout: &Checkout,
    skills: &Skills,
    so_far: &SoFar,
) -> Result<Planned, Fault> {
    let request = so_far.request()?;
    let lock = &machine.template.tools().lock;
    let plan = plan::plan(checkout, request, store, &skills.digest(), lock).await?;
    let made = plan::made_before(store, request).await?;
    let plan = plan::with_edited(checkout, &machine.dossiers, made, plan).await?;
    let logged = log
        .append(Event::Planned {
            plan: plan.clone(),
            merge_base: checkout.merge_base.clone(),
            project: checkout.settings.project.clone(),
            mode: checkout.settings.mode,
        })
        .await?;
    Ok(Planned {
        plan,
        merge_base: checkout.merge_base.clone(),
        at_ms: logged.at_ms,
    })
}

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
        if let Step::Remove { key, .. } = step {
            store.unsign(&place, &key).await.map_err(fault)?;
        }
    }
    Ok(())
}
