//! Beginning a run: once for every cause, however often it is heard of.

use crate::domain::ending::Ending;
use crate::domain::pull::{Cause, Origin, PullRequest, PullState, Request};
use crate::domain::view::View;
use crate::edge::github::{GitHub, Where};
use crate::edge::store::Store;

use super::fault::Fault;
use super::log::SoFar;

/// Begins the run that `cause` makes of `pull`, unless it was begun before; says what became of it.
pub async fn begin(
    store: &Store,
    installation: u64,
    pull: PullRequest,
    cause: Cause,
) -> Result<String, Fault> {
    if pull.state == PullState::Closed {
        return Ok("the pull request is closed".into());
    }
    let request = Request::for_pull(installation, pull, cause);
    let begun = store
        .begin(&request)
        .await
        .map_err(|e| Fault::passing("begin a run", e))?;
    Ok(format!("run {}: {begun:?}", request.run))
}

/// What made us look at a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The pull request was opened or pushed to.
    Moved,
    /// It is no draft any more.
    Ready,
    /// It was opened again.
    Reopened,
}

/// Begins a run for a pull request's head. Each head is looked at once; but when its newest run only waited, was stopped,
/// or gave way to a head that is gone again, there is another one. `delivery` tells those apart.
pub async fn look(
    store: &Store,
    installation: u64,
    pull: PullRequest,
    delivery: &str,
    occasion: Occasion,
) -> Result<String, Fault> {
    let fault = |e| Fault::passing("read the runs of a head", e);
    let place = format!("{}#{}", pull.repo, pull.number);
    let runs = store.runs_of(&place).await.map_err(fault)?;
    let of_head = runs.iter().filter(|row| row.head == pull.head);
    let again = match of_head.max_by_key(|row| row.requested_ms) {
        None => false,
        Some(row) => {
            let events = store.events(&row.run, 0).await.map_err(fault)?;
            match (View::of(&events).ending, occasion) {
                (Some(Ending::Superseded { .. }), _) => true,
                (
                    Some(Ending::Waiting { .. } | Ending::Cancelled { .. }),
                    Occasion::Ready | Occasion::Reopened,
                ) => true,
                // What is still at work when it is opened again was called back when it was closed.
                (None, Occasion::Reopened) => true,
                (None | Some(_), _) => false,
            }
        }
    };
    let cause = if again {
        Cause::Woken {
            delivery: delivery.to_owned(),
        }
    } else {
        Cause::Head
    };
    begin(store, installation, pull, cause).await
}

/// After a run that ended because its branch moved: sees to it that the new head gets one. The webhook that says so may
/// be late or lost; when it comes, it finds the run begun.
pub async fn follow(store: &Store, github: &GitHub, so_far: &SoFar) -> Result<(), Fault> {
    let Origin::PullRequest { installation, pull } = &so_far.request()?.origin else {
        return Ok(());
    };
    let place = Where {
        installation: *installation,
        repo: pull.repo.clone(),
    };
    let now = github
        .pull(&place, pull.number)
        .await
        .map_err(|e| Fault::github("read the pull request", e))?;
    if now.head != pull.head {
        begin(store, *installation, now, Cause::Head).await?;
    }
    Ok(())
}
