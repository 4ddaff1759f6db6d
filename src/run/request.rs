//! Beginning a run: once for every cause, however often it is heard of.

use std::fmt;

use crate::domain::ending::Ending;
use crate::domain::name::RunId;
use crate::domain::pull::{Cause, PullRequest, PullState, Request, Trigger};
use crate::edge::github::GitHub;
use crate::edge::store::{Begun, Store};

use super::deps::Deps;
use super::fault::Fault;
use super::log::SoFar;

/// What asking for a run led to. Displays as a clause for the operator's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The pull request is closed, so nothing was begun.
    Closed,
    /// The run was begun before.
    Known(RunId),
    /// A new run; it took the place of the others.
    New {
        /// It.
        run: RunId,
        /// Which.
        superseded: Vec<RunId>,
    },
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Asked::Closed => f.write_str("the pull request is closed"),
            Asked::Known(run) => write!(f, "run {run} was begun before"),
            Asked::New { run, superseded } if superseded.is_empty() => write!(f, "run {run}"),
            Asked::New { run, superseded } => {
                write!(f, "run {run} in the place of {}", superseded.len())
            }
        }
    }
}

/// Begins the run that `cause` makes of `pull`, unless it was begun before.
pub async fn begin(
    deps: &Deps,
    installation: u64,
    pull: PullRequest,
    cause: Cause,
) -> Result<Asked, Fault> {
    if pull.state == PullState::Closed {
        return Ok(Asked::Closed);
    }
    let request = Request::for_pull(installation, pull, cause);
    let begun = deps.store.begin(&request).await;
    let begun = begun.map_err(|e| Fault::passing("begin a run", e))?;
    deps.engine.look(&request.place());
    let run = request.run;
    Ok(match begun {
        Begun::Known => Asked::Known(run),
        Begun::New { superseded } => Asked::New { run, superseded },
    })
}

/// Begins a run for a pull request's head. Each head is looked at once; but when its newest run only waited, was stopped,
/// or gave way to a head that is gone again, there is another one. `delivery` tells those apart. A changed base is a
/// reason of its own.
pub async fn look(
    deps: &Deps,
    installation: u64,
    pull: PullRequest,
    delivery: &str,
    trigger: Trigger,
) -> Result<Asked, Fault> {
    let cause = match trigger {
        Trigger::BaseChanged => Cause::Base,
        Trigger::Opened | Trigger::Pushed | Trigger::Ready | Trigger::Reopened
            if is_looked_at_again(&deps.store, installation, &pull, trigger).await? =>
        {
            Cause::Woken {
                delivery: delivery.to_owned(),
            }
        }
        Trigger::Opened | Trigger::Pushed | Trigger::Ready | Trigger::Reopened => Cause::Head,
    };
    begin(deps, installation, pull, cause).await
}

async fn is_looked_at_again(
    store: &Store,
    installation: u64,
    pull: &PullRequest,
    trigger: Trigger,
) -> Result<bool, Fault> {
    let place = pull.reference(installation).place();
    let history = store
        .history(&place)
        .await
        .map_err(|e| Fault::passing("read the runs of a head", e))?;
    let Some(newest) = history.newest_for(&pull.head) else {
        return Ok(false);
    };
    Ok(match (newest.ending, trigger) {
        (Some(Ending::Superseded { .. }), _) => true,
        (
            Some(Ending::Waiting { .. } | Ending::Cancelled { .. }),
            Trigger::Ready | Trigger::Reopened,
        ) => true,
        // What is still at work when it is opened again was cancelled when it was closed.
        (None, Trigger::Reopened) => true,
        (None | Some(_), _) => false,
    })
}

/// After a run that ended because its branch moved: sees to it that the new head gets one. The webhook that says so may
/// be late or lost; when it comes, it finds the run begun.
pub async fn follow(deps: &Deps, github: &GitHub, so_far: &SoFar) -> Result<(), Fault> {
    let Some(pull) = so_far.request()?.pull_ref() else {
        return Ok(());
    };
    let now = github
        .pull(&pull.at, pull.number)
        .await
        .map_err(|e| Fault::github("read the pull request", e))?;
    if &now.head != so_far.request()?.head() {
        begin(deps, pull.at.installation, now, Cause::Head).await?;
    }
    Ok(())
}
