//! The runs of one place, for [`History`]: one query, and nothing in it that only people who watch care about.

use super::error::{StoreError, failed_to};
use super::log::StoredEvent;
use super::open::Store;
use super::runs::{run_id, sha_of};
use crate::domain::history::{History, PastRun};
use crate::domain::limits;

/// An event, and the run that it belongs to.
#[derive(sqlx::FromRow)]
struct PastEvent {
    id: String,
    head: String,
    requested_ms: i64,
    #[sqlx(flatten)]
    logged: StoredEvent,
}

impl Store {
    /// The newest runs of one place with their logs, at most [`limits::RUNS_LISTED`].
    ///
    /// # Errors
    /// When the database fails, or holds an event of a newer version.
    pub async fn history(&self, place: &str) -> Result<History, StoreError> {
        let rows: Vec<PastEvent> = sqlx::query_as(
            "SELECT r.id, r.head, r.requested_ms, e.seq, e.at_ms, e.event
            FROM (SELECT id, head, requested_ms FROM runs WHERE place = $1
                ORDER BY requested_ms DESC, id LIMIT $2) r
            JOIN events e ON e.run = r.id
            WHERE e.event NOT LIKE '{\"event\":\"doing\",%'
            ORDER BY r.requested_ms, r.id, e.seq",
        )
        .bind(place)
        .bind(i64::from(limits::RUNS_LISTED))
        .fetch_all(&self.pool)
        .await
        .map_err(failed_to("read earlier runs"))?;
        let mut runs: Vec<PastRun> = Vec::new();
        for row in rows {
            let run = run_id(&row.id)?;
            let logged = row.logged.read()?;
            match runs.last_mut().filter(|last| last.run == run) {
                Some(last) => last.events.push(logged),
                None => runs.push(PastRun {
                    head: sha_of(&row.head)?,
                    requested_ms: row.requested_ms,
                    events: vec![logged],
                    run,
                }),
            }
        }
        Ok(History::of(runs))
    }
}
