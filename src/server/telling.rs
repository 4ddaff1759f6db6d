//! Keeps people told of what happens at a place: soon of what matters, of mere progress now and then.

use std::collections::HashMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::domain::limits;
use crate::domain::name::RunId;
use crate::edge::engine::Next;
use crate::edge::store::{StoreError, Untold};
use crate::rules::telling::due_ms;
use crate::run::fault::Retry;

use super::delivery::after;
use super::reporter;

/// Tells people until nothing is left to do there, or to tell.
///
/// # Errors
/// When the database fails; what was told is looked for before it is told again.
pub async fn keep_told(
    app: &App,
    place: &str,
    stop: &CancellationToken,
) -> Result<Next, StoreError> {
    let store = &app.deps.store;
    let mut news = store.subscribe();
    let mut seen = Seen::new();
    while !stop.is_cancelled() {
        // First this: what happens after it is told in the next round.
        let is_over = store.next_run(place).await?.is_none();
        let mut wait = Duration::from_secs(limits::LOOK_SECONDS);
        let untold = store.untold(place).await?;
        if let Some((due_ms, next)) = earliest(app, untold, &mut seen).await? {
            let early_ms = due_ms - app.deps.now_ms();
            if early_ms <= 0 {
                if let Some(later) = tell(app, &next, &mut seen, stop).await? {
                    return Ok(later);
                }
                continue;
            }
            wait = wait.min(Duration::from_millis(early_ms.unsigned_abs()));
        } else if is_over {
            break;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
            // Missed news are news.
            _ = news.recv() => tokio::time::sleep(Duration::from_millis(limits::NEWS_MS)).await,
        }
    }
    Ok(Next::Nothing)
}

/// Of what was not told of a run, how far it was read, and when it is due. In a long run that is thousands of events, and there
/// is more several times a second: each is read once.
type Seen = HashMap<RunId, (i64, Option<i64>)>;

/// What is to be told next, and when.
async fn earliest(
    app: &App,
    untold: Vec<Untold>,
    seen: &mut Seen,
) -> Result<Option<(i64, Untold)>, StoreError> {
    let mut next: Option<(i64, Untold)> = None;
    for untold in untold {
        let (read, due) = seen.entry(untold.run.clone()).or_insert((0, None));
        if *read <= untold.told_seq {
            (*read, *due) = (untold.told_seq, None);
        }
        let events = app.deps.store.events(&untold.run, *read).await?;
        *read = events.last().map_or(*read, |logged| logged.seq);
        *due = [*due, due_ms(&events, untold.requested_ms)]
            .into_iter()
            .flatten()
            .min();
        let due = due.unwrap_or(i64::MIN);
        if next.as_ref().is_none_or(|(earliest, _)| due < *earliest) {
            next = Some((due, untold));
        }
    }
    Ok(next)
}

/// Tells it. Returns when to go on, when that did not go well.
async fn tell(
    app: &App,
    untold: &Untold,
    seen: &mut Seen,
    stop: &CancellationToken,
) -> Result<Option<Next>, StoreError> {
    let store = &app.deps.store;
    let (run, tries) = (&untold.run, untold.tries + 1);
    if tries > limits::TRIES {
        return skip(app, untold).await.map(|()| None);
    }
    store.set_tell_tries(run, tries).await?;
    let in_time = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(limits::CANCEL_SECONDS)).await;
    };
    let told = tokio::select! {
        told = reporter::report(app, run) => told,
        () = in_time => return Ok(None),
    };
    let fault = match told {
        Ok(seq) => {
            seen.remove(run);
            return store.set_told(run, seq).await.map(|()| None);
        }
        Err(fault) => fault,
    };
    tracing::warn!(%run, tries, %fault, "people could not be told");
    let now_ms = app.deps.now_ms();
    let since_ms = store.events(run, untold.told_seq).await?;
    let since_ms = since_ms.first().map_or(now_ms, |logged| logged.at_ms);
    match fault.retry(now_ms, tries, since_ms) {
        Retry::Uncounted(at_ms) => {
            store.set_tell_tries(run, untold.tries).await?;
            Ok(Some(after(at_ms - now_ms)))
        }
        Retry::Counted(at_ms) if tries < limits::TRIES => Ok(Some(after(at_ms - now_ms))),
        Retry::Counted(_) | Retry::Never => skip(app, untold).await.map(|()| None),
    }
}

/// What cannot be told is left out, until the next start or the next day; what happens after it is told.
async fn skip(app: &App, untold: &Untold) -> Result<(), StoreError> {
    tracing::error!(run = %untold.run, "people cannot be told; it is given up");
    let store = &app.deps.store;
    let events = store.events(&untold.run, untold.told_seq).await?;
    let newest = events.last().map_or(untold.told_seq, |logged| logged.seq);
    store.leave_untold(&untold.run, newest).await
}
