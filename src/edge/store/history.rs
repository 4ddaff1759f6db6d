//! The runs of one place, for [`History`]: one query, and nothing in it that only people who watch care about.

use sqlx::Row;

use super::error::{StoreError, failed_to, unreadable};
use super::open::Store;
use super::runs::{run_id, sha_of};
use crate::domain::event::Logged;
use crate::domain::history::{History, PastRun};
use crate::domain::limits;

impl Store {
    /// The newest runs of one place with their logs, at most [`limits::RUNS_LISTED`].
    ///
    /// # Errors
    /// When the database fails, or holds an event of a newer version.
    pub async fn history(&self, place: &str) -> Result<History, StoreError> {
        let read = failed_to("read earlier runs");
        let rows = sqlx::query(
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
        .map_err(&read)?;
        let mut runs: Vec<PastRun> = Vec::new();
        for row in &rows {
            let run = run_id(row)?;
            let text: String = row.try_get("event").map_err(&read)?;
            let logged = Logged {
                seq: row.try_get("seq").map_err(&read)?,
                at_ms: row.try_get("at_ms").map_err(&read)?,
                event: serde_json::from_str(&text).map_err(unreadable("an event"))?,
            };
            match runs.last_mut().filter(|last| last.run == run) {
                Some(last) => last.events.push(logged),
                None => runs.push(PastRun {
                    head: sha_of(row.try_get("head").map_err(&read)?)?,
                    requested_ms: row.try_get("requested_ms").map_err(&read)?,
                    events: vec![logged],
                    run,
                }),
            }
        }
        Ok(History::of(runs))
    }
}
