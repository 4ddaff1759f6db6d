//! The rounds of an attempt: the agent works, we gather and judge, and what it can mend goes back to it.

use tokio::sync::mpsc::UnboundedSender;

use crate::domain::activity::Activity;
use crate::domain::dossier::{Dossier, Ended};
use crate::domain::settings::Mode;
use crate::domain::transcript::Usage;
use crate::rules::brief::prompt;
use crate::rules::mend;

use super::budget::Budget;
use super::gather::{Circumstances, gather};
use super::prepare::Prepared;
use super::work::{Desk, WitnessSigns, WorkFault, Worked};
use crate::run::cancel::Cancellation;
use crate::run::fault::Fault;
use crate::run::judging::judged;
use crate::run::machine::Machine;

/// Why an attempt came to nothing.
pub enum AttemptEnd {
    /// The agent's side.
    Work(WorkFault),
    /// Ours.
    Ours(Fault),
}

impl From<WorkFault> for AttemptEnd {
    fn from(fault: WorkFault) -> Self {
        AttemptEnd::Work(fault)
    }
}

impl From<Fault> for AttemptEnd {
    fn from(fault: Fault) -> Self {
        AttemptEnd::Ours(fault)
    }
}

/// Who is told what the attempt is doing.
pub type Tell = UnboundedSender<(Activity, Usage)>;

/// Lets the agent work, round after round, and gives the evidence of the last one. What goes wrong in a further round takes
/// nothing away from the one before.
pub async fn rounds(
    machine: &Machine,
    prepared: &Prepared,
    budget: &Budget,
    circumstances: &Circumstances<'_>,
    cancellation: &Cancellation,
    told: Tell,
) -> Result<Dossier, AttemptEnd> {
    let signs = WitnessSigns {
        refused: prepared.access.refused(),
        full: prepared.access.full(),
    };
    let agent = machine.agent.as_ref();
    // Starting the agent's server takes seconds, and it is worth nothing to a run that was called back.
    let mut desk = tokio::select! {
        biased;
        () = budget.cancelled() => return Err(WorkFault::Cancelled.into()),
        desk = Desk::open(agent, prepared.seat.clone(), budget, signs) => desk?,
    };
    // Nobody listens any more only when the attempt has ended.
    let tell = |activity, usage| drop(told.send((activity, usage)));
    let result = async {
        let worked = desk.work(&prompt(&prepared.brief), tell).await?;
        tell(Activity::CleanRoom, worked.transcript.usage);
        let mut dossier =
            gather(machine, prepared, worked, circumstances, None, cancellation).await?;
        // Who is only watched is not helped.
        let is_helped = circumstances.settings.mode == Mode::Strict;
        while is_helped && budget.has_time() {
            let (judged, judgement) = judged(dossier).await?;
            dossier = judged;
            let Some(text) = mend::next_round(&dossier, &judgement) else {
                break;
            };
            tell(Activity::Mending, dossier.seal.usage);
            let worked = match desk.work(&text, tell).await {
                Ok(worked) => settled(worked, &dossier),
                Err(WorkFault::Cancelled) => return Err(WorkFault::Cancelled.into()),
                Err(fault) => {
                    tracing::warn!(%fault, "a further round failed; the one before stands");
                    break;
                }
            };
            let Some(worked) = worked else { break };
            tell(Activity::CleanRoom, worked.transcript.usage);
            let round = mend::round_of(&dossier, &judgement);
            let earlier = Some((&dossier, round));
            dossier = gather(
                machine,
                prepared,
                worked,
                circumstances,
                earlier,
                cancellation,
            )
            .await?;
        }
        Ok(dossier)
    }
    .await;
    match cancellation.cause() {
        None => desk.close().await,
        Some(_) => desk.leave().await,
    }
    prepared.access.close();
    result
}

/// A further round as it counts: one that was cut short does not, and without a new report the one before stands.
fn settled(worked: Worked, earlier: &Dossier) -> Option<Worked> {
    if worked.ended != Ended::Finished {
        return None;
    }
    let claim = match worked.claim.claim() {
        Some(_) => worked.claim,
        None => earlier.seal.claim.clone(),
    };
    Some(Worked { claim, ..worked })
}
