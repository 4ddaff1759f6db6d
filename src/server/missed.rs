//! Deliveries that did not arrive: GitHub tells what it has sent, and it is taken from there. So nothing is lost that happens while
//! we are down, and a server without a public address hears of everything this way alone.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::domain::limits;
use crate::edge::github::{Again, GitHub, SentDelivery};
use crate::edge::store::Look;
use crate::run::deps::Deps;
use crate::run::fault::Fault;

/// Deliveries of one look that may fail to come before it is left to the next.
const FAULTS: usize = 3;

/// Looks now and then, until `stop`.
pub async fn look_for_missed(deps: Deps, every: Duration, stop: CancellationToken) {
    let Some(github) = deps.github.clone() else {
        return;
    };
    let mut times = interval(every);
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(times.tick()).await.is_some() {
        match stop.run_until_cancelled(look(&deps, &github)).await {
            Some(Ok(0)) | None => {}
            Some(Ok(count)) => {
                tracing::info!(count, "deliveries that had not arrived were fetched")
            }
            // The next look goes back as far as this one.
            Some(Err(fault)) => {
                tracing::warn!(%fault, "deliveries that did not arrive cannot be found")
            }
        }
    }
}

/// Takes in what did not arrive since the last look. Returns how many there were.
async fn look(deps: &Deps, github: &GitHub) -> Result<usize, Fault> {
    let (store, now_ms) = (&deps.store, deps.now_ms());
    let before = store.looked(Look::Deliveries).await;
    let before = before.map_err(|e| Fault::passing("read when deliveries were looked at", e))?;
    // What was sent before anybody ever looked was meant for nobody.
    let since_ms = before.unwrap_or(now_ms) - limits::MISSED_OVERLAP_MS;
    let sent = github
        .sent_since(since_ms.max(now_ms - limits::MISSED_MS))
        .await;
    let sent = sent.map_err(|e| Fault::github("list what GitHub has sent", e))?;
    let (mut count, mut faults) = (0, Vec::new());
    for one in missed(&sent) {
        let known = store.has_received(&one.guid).await;
        if known.map_err(|e| Fault::passing("look for a delivery", e))? {
            continue;
        }
        let delivery = match github.sent(one.id).await {
            Ok(delivery) => delivery,
            // Forgotten, or larger than what is read: it is lost, and keeps no other from coming.
            Err(error) if error.again() == Again::Never => {
                tracing::error!(%error, delivery = one.guid, "a delivery that did not arrive cannot be had");
                continue;
            }
            Err(error) => {
                faults.push(Fault::github("fetch a delivery", error));
                match faults.len() {
                    FAULTS.. => break,
                    _ => continue,
                }
            }
        };
        let stored = store.receive(&delivery).await;
        stored.map_err(|e| Fault::passing("store a delivery", e))?;
        deps.engine.deliver(&delivery.id);
        count += 1;
    }
    if let Some(fault) = faults.pop() {
        return Err(fault);
    }
    let looked = store.set_looked(Look::Deliveries, now_ms).await;
    looked.map_err(|e| Fault::passing("write when deliveries were looked at", e))?;
    Ok(count)
}

/// One try of everything that no try has brought here, in the order in which it happened. `sent` is the newest first.
fn missed(sent: &[SentDelivery]) -> Vec<&SentDelivery> {
    let settled = sent
        .iter()
        .filter(|one| one.has_arrived() || one.is_hopeless());
    let mut known: HashSet<&str> = settled.map(|one| one.guid.as_str()).collect();
    let in_order = sent.iter().rev();
    in_order
        .filter(|one| known.insert(one.guid.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_try_has_brought_is_missed_once_and_in_order() {
        let sent = |id: u64, guid: &str, status| SentDelivery {
            id,
            guid: guid.to_owned(),
            at_ms: id as i64,
            status,
        };
        let all = [
            sent(7, "late", 202),
            sent(6, "gone", 0),
            sent(5, "large", 413),
            sent(4, "twice", 502),
            sent(3, "twice", 500),
            sent(2, "late", 0),
            sent(1, "well", 202),
        ];
        let ids: Vec<u64> = missed(&all).into_iter().map(|one| one.id).collect();
        assert_eq!(ids, [3, 6]);
    }
}
