//! Jobs that failed for good, until people were told of them.

use serde_json::Value;
use sqlx::Row;

use super::error::{StoreError, failed_to};
use super::lease::payload_of;
use super::open::Store;
use crate::domain::limits;

/// A job that failed for good.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadJob {
    /// Its id.
    pub job: i64,
    /// See [`super::NewJob::kind`].
    pub kind: String,
    /// See [`super::NewJob::payload`].
    pub payload: Value,
    /// What went wrong last.
    pub error: String,
}

impl Store {
    /// Jobs of these kinds that failed for good and of which nobody was told yet. Tell, then say so with
    /// [`Store::set_told`]: who dies in between is followed by somebody who tells again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead(&self, kinds: &[&str]) -> Result<Vec<DeadJob>, StoreError> {
        self.bury(self.now_ms()).await?;
        let rows = sqlx::query(
            "SELECT id, kind, payload, error FROM jobs
            WHERE state = 'failed' AND told = 0 AND $1 LIKE '%,' || kind || ',%' ORDER BY id",
        )
        .bind(format!(",{},", kinds.join(",")))
        .fetch_all(&self.pool)
        .await
        .map_err(failed_to("list failed jobs"))?;
        rows.iter()
            .map(|row| {
                Ok(DeadJob {
                    job: row.try_get("id").map_err(failed_to("list failed jobs"))?,
                    kind: row.try_get("kind").map_err(failed_to("list failed jobs"))?,
                    payload: payload_of(row)?,
                    error: row
                        .try_get("error")
                        .map_err(failed_to("list failed jobs"))?,
                })
            })
            .collect()
    }

    /// Notes that people were told of a dead job: it is not listed any more, and forgotten in the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_told(&self, dead: &DeadJob) -> Result<(), StoreError> {
        sqlx::query("UPDATE jobs SET told = 1 WHERE id = $1 AND state = 'failed'")
            .bind(dead.job)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("note that a failed job was told"))
    }

    /// A job that was tried too often, each time by a worker that then fell silent, is dead.
    pub(super) async fn bury(&self, now: i64) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE jobs SET state = 'failed', error = $3
            WHERE state = 'running' AND lease_until <= $1 AND attempt >= $2",
        )
        .bind(now)
        .bind(i64::from(limits::JOB_ATTEMPTS))
        .bind(format!(
            "every worker that took it stopped without a word, {} times",
            limits::JOB_ATTEMPTS
        ))
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(failed_to("look for dead jobs"))
    }
}
