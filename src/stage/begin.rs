//! Beginning a run: once for every cause, however often it is heard of.

use crate::domain::event::Ending;
use crate::domain::pull::{Cause, Origin, PullRequest, PullState, Request};
use crate::domain::view::View;
use crate::edge::github::{GitHub, Where};
use crate::edge::store::Store;

use super::fault::Fault;
use super::run_log::SoFar;

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

/// Begins a run for a pull request that was made ready or `reopened`. Its head may have been looked at: when that run
/// only waited, or was stopped, there is another one for the same head.
pub async fn wake(
    store: &Store,
    installation: u64,
    pull: PullRequest,
    delivery: &str,
    reopened: bool,
) -> Result<String, Fault> {
    let first = Request::for_pull(installation, pull.clone(), Cause::Head).run;
    let events = store
        .events(&first, 0)
        .await
        .map_err(|e| Fault::passing("read the run of a head", e))?;
    let was_looked_at = !events.is_empty();
    let again = match View::of(&events).ending {
        Some(Ending::Waiting { .. } | Ending::Cancelled { .. }) => true,
        // What is still at work when it is opened again was called back when it was closed.
        None => was_looked_at && reopened,
        Some(_) => false,
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
