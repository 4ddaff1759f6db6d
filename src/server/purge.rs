//! The App was taken off repositories: what runs there ends, and everything that is known of them goes.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::ending::CancelReason;
use crate::domain::limits;
use crate::domain::retention::{Effect, Of, Old, Pruned};
use crate::edge::github;
use crate::run::deps::Deps;
use crate::run::fault::Fault;
use crate::run::kept::{mirrors, prune};

/// How often it is looked whether runs have ended.
const LOOK: Duration = Duration::from_millis(200);

/// What went.
pub struct Purged {
    /// Runs that were stopped.
    pub stopped: usize,
    /// Their evidence.
    pub evidence: Pruned,
}

impl std::fmt::Display for Purged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Purged { stopped, evidence } = self;
        write!(f, "{stopped} runs stopped; {evidence}")
    }
}

/// Ends what runs, and then takes away evidence, mirrors of this machine, deliveries and logs, in this order: logs say
/// what the evidence is, so they go last. Doing it again goes on where it ended.
///
/// # Errors
/// When a run does not end, or something cannot be taken away; it is tried again.
pub async fn purge(deps: &Deps, of: &Of, reason: &CancelReason) -> Result<Purged, Fault> {
    let store = &deps.store;
    let forget = |e| Fault::passing("forget what was taken from us", e);
    let stopped = stop(deps, of, reason).await?;
    let all = Old {
        of: of.clone(),
        before_ms: i64::MAX,
    };
    let evidence = prune::prune(store, &deps.machine.dossiers, &all, Effect::Take).await?;
    let repos = store.repos_of(of).await.map_err(forget)?;
    mirrors::remove(&deps.mirrors, &repos).await?;
    let of_them = |body: &str| match (github::whose(body), of) {
        (_, Of::All | Of::Place(_)) => false,
        (whose, Of::Repo(repo)) => whose.repo.as_ref() == Some(repo),
        (whose, Of::Installation(installation)) => whose.installation == Some(*installation),
    };
    store.forget_deliveries(of_them).await.map_err(forget)?;
    store.forget(of).await.map_err(forget)?;
    Ok(Purged { stopped, evidence })
}

/// Stops what runs and waits until it has stopped. Returns how many runs that were.
async fn stop(deps: &Deps, of: &Of, reason: &CancelReason) -> Result<usize, Fault> {
    let until = Instant::now() + Duration::from_secs(limits::CANCEL_SECONDS);
    let mut stopped = 0;
    loop {
        let fault = |e| Fault::passing("stop runs", e);
        let open = deps.store.stop_runs(of, reason).await.map_err(fault)?;
        if open.is_empty() {
            return Ok(stopped);
        }
        // Once: whoever waits for something else there is woken, and nobody elsewhere.
        if stopped == 0 {
            for run in &open {
                let row = deps.store.run(run).await.map_err(fault)?;
                row.iter().for_each(|row| deps.engine.look(&row.place));
            }
        }
        stopped = stopped.max(open.len());
        if Instant::now() > until {
            let why = "runs of what was taken from us are still at work";
            return Err(Fault::passing("stop runs", why));
        }
        tokio::time::sleep(LOOK).await;
    }
}
