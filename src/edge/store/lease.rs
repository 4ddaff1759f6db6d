//! Working off the queue. A worker *leases* a job and says again and again that it is alive; when it falls silent the
//! lease runs out and the job is another's. Every lease has a *fence*, a number that grows with each claim: whoever
//! comes back with an old one is told that the job is no longer theirs.

use serde_json::Value;
use sqlx::Row;

use super::error::{StoreError, failed_to, is_conflict, note, unreadable};
use super::open::{Engine, Store};
use crate::domain::ending::CancelReason;
use crate::domain::limits;

/// A job in the hands of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// The job.
    pub job: i64,
    /// See [`super::NewJob::kind`].
    pub kind: String,
    /// See [`super::NewJob::payload`].
    pub payload: Value,
    /// Counts from 1; more than 1 after a failure or a crash.
    pub attempt: u32,
    /// Proof that the job is ours.
    pub fence: i64,
    /// When it was queued first; milliseconds since the epoch.
    pub queued_ms: i64,
}

/// What a worker learns when it says that it is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beat {
    /// The job is ours for another [`limits::LEASE_SECONDS`].
    Held,
    /// The same, but somebody wants it stopped, for this reason.
    CancelAsked(CancelReason),
    /// The job is another's now: stop, and write nothing more.
    Lost,
}

/// Whether a job was still ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// It was.
    Held,
    /// It was another's already; nothing was changed.
    Lost,
}

/// What a failure leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// The job will be tried again.
    Again,
    /// It will not; see [`Store::dead`].
    ForGood,
    /// It was another's already; nothing was changed.
    Lost,
}

/// Takes the next job that is due, or whose lease ran out.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1, worker = $1, lease_until = $2
            WHERE id = (SELECT j.id FROM jobs j
                WHERE $3 LIKE '%,' || j.kind || ',%'
                  AND ((j.state = 'queued' AND j.run_at <= $4
                        AND NOT EXISTS (SELECT 1 FROM jobs r WHERE r.state = 'running' AND r.ckey = j.ckey))
                    OR (j.state = 'running' AND j.lease_until <= $4))
                ORDER BY j.priority DESC, j.run_at, j.id LIMIT 1 ",
            $lock,
            ") RETURNING id, kind, payload, attempt, fence, created_ms"
        )
    };
}

/// SQLite has one writer at a time and needs no more.
const CLAIM_SQLITE: &str = claim!("");
/// PostgreSQL has many: a row that somebody else is just claiming is skipped.
const CLAIM_POSTGRES: &str = claim!("FOR UPDATE OF j SKIP LOCKED");

/// Two workers may pick two jobs of one key in the same moment; the index lets one through and the other looks again.
const CLAIM_TRIES: u32 = 8;

impl Store {
    /// Leases the next job of one of these kinds to `worker`, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, worker: &str, kinds: &[&str]) -> Result<Option<Lease>, StoreError> {
        let statement = match self.engine {
            Engine::Sqlite => CLAIM_SQLITE,
            Engine::Postgres => CLAIM_POSTGRES,
        };
        let kinds = format!(",{},", kinds.join(","));
        for _ in 0..CLAIM_TRIES {
            let now = self.now_ms();
            self.bury(now).await?;
            let claimed = sqlx::query(statement)
                .bind(worker)
                .bind(now + limits::LEASE_SECONDS as i64 * 1000)
                .bind(kinds.as_str())
                .bind(now)
                .fetch_optional(&self.pool)
                .await;
            match claimed {
                Ok(None) => return Ok(None),
                Ok(Some(row)) => return lease_of(&row).map(Some),
                Err(error) if is_conflict(&error) => {}
                Err(source) => return Err(failed_to("claim a job")(source)),
            }
        }
        Ok(None)
    }

    /// Says that the worker is alive and learns whether it may go on. Do it every few seconds.
    ///
    /// # Errors
    /// When the database fails; the lease may then still be ours until it runs out.
    pub async fn beat(&self, lease: &Lease) -> Result<Beat, StoreError> {
        let row = sqlx::query(
            "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING cancel",
        )
        .bind(lease.job)
        .bind(lease.fence)
        .bind(self.now_ms() + limits::LEASE_SECONDS as i64 * 1000)
        .fetch_optional(&self.pool)
        .await
        .map_err(failed_to("renew a lease"))?;
        match row {
            None => Ok(Beat::Lost),
            Some(row) => match row.try_get::<Option<String>, _>("cancel") {
                Ok(None) => Ok(Beat::Held),
                // What an earlier version asked for stands there in words.
                Ok(Some(text)) => Ok(Beat::CancelAsked(
                    serde_json::from_str(&text).unwrap_or(CancelReason::Told(text)),
                )),
                Err(source) => Err(failed_to("renew a lease")(source)),
            },
        }
    }

    /// The job is done and leaves the queue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(&self, lease: &Lease) -> Result<Hold, StoreError> {
        let done =
            sqlx::query("DELETE FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running'")
                .bind(lease.job)
                .bind(lease.fence)
                .execute(&self.pool)
                .await
                .map_err(failed_to("finish a job"))?;
        self.wake_workers();
        Ok(hold(done.rows_affected()))
    }

    /// The job failed. It is tried again at `retry_at_ms`, unless that is absent or it was tried
    /// [`limits::JOB_ATTEMPTS`] times.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail(
        &self,
        lease: &Lease,
        error: &str,
        retry_at_ms: Option<i64>,
    ) -> Result<Failed, StoreError> {
        if let Some(at) = retry_at_ms.filter(|_| lease.attempt < limits::JOB_ATTEMPTS) {
            return Ok(match self.requeue(lease, at, 0, error).await? {
                Hold::Held => Failed::Again,
                Hold::Lost => Failed::Lost,
            });
        }
        let done = sqlx::query(
            "UPDATE jobs SET state = 'failed', error = $3 WHERE id = $1 AND fence = $2 AND state = 'running'",
        )
        .bind(lease.job)
        .bind(lease.fence)
        .bind(note(error))
        .execute(&self.pool)
        .await
        .map_err(failed_to("give a job up"))?;
        self.wake_workers();
        Ok(match hold(done.rows_affected()) {
            Hold::Held => Failed::ForGood,
            Hold::Lost => Failed::Lost,
        })
    }

    /// Gives the job back at once, as if it had not been tried: for a clean shutdown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, lease: &Lease) -> Result<Hold, StoreError> {
        self.requeue(lease, self.now_ms(), 1, "").await
    }

    /// Puts the job off until `at_ms`, as if it had not been tried: what it needs of somebody else is not to be had.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn postpone(
        &self,
        lease: &Lease,
        error: &str,
        at_ms: i64,
    ) -> Result<Hold, StoreError> {
        self.requeue(lease, at_ms, 1, error).await
    }

    /// Back into the queue, with `untried` taken off the count of attempts. When a job of the same name was queued
    /// meanwhile, that one stands for both.
    async fn requeue(
        &self,
        lease: &Lease,
        run_at: i64,
        untried: i64,
        error: &str,
    ) -> Result<Hold, StoreError> {
        let queued = sqlx::query(
            "UPDATE jobs SET state = 'queued', run_at = $3, attempt = attempt - $4, error = $5
            WHERE id = $1 AND fence = $2 AND state = 'running' AND NOT EXISTS
                (SELECT 1 FROM jobs q WHERE q.state = 'queued' AND q.dedupe = jobs.dedupe)",
        )
        .bind(lease.job)
        .bind(lease.fence)
        .bind(run_at)
        .bind(untried)
        .bind(note(error))
        .execute(&self.pool)
        .await;
        match queued {
            Ok(done) if done.rows_affected() > 0 => {
                self.wake_workers();
                Ok(Hold::Held)
            }
            Ok(_) => self.finish(lease).await,
            Err(error) if is_conflict(&error) => self.finish(lease).await,
            Err(source) => Err(failed_to("requeue a job")(source)),
        }
    }

    /// Ends the leases of workers that are `gone`, so that their jobs can be claimed at once. Returns how many there
    /// were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn free_leases(&self, gone: impl Fn(&str) -> bool) -> Result<u64, StoreError> {
        let free = failed_to("free the leases of dead workers");
        let rows = sqlx::query(
            "SELECT DISTINCT worker FROM jobs WHERE state = 'running' AND worker IS NOT NULL",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(&free)?;
        let mut freed = 0;
        for row in &rows {
            let worker: String = row.try_get("worker").map_err(&free)?;
            if !gone(&worker) {
                continue;
            }
            let done = sqlx::query(
                "UPDATE jobs SET lease_until = $2 WHERE state = 'running' AND worker = $1 AND lease_until > $2",
            )
            .bind(worker.as_str())
            .bind(self.now_ms())
            .execute(&self.pool)
            .await
            .map_err(&free)?;
            freed += done.rows_affected();
        }
        if freed > 0 {
            self.wake_workers();
        }
        Ok(freed)
    }
}

fn hold(rows: u64) -> Hold {
    if rows > 0 { Hold::Held } else { Hold::Lost }
}

fn lease_of(row: &sqlx::any::AnyRow) -> Result<Lease, StoreError> {
    let read = failed_to("claim a job");
    Ok(Lease {
        job: row.try_get("id").map_err(&read)?,
        kind: row.try_get("kind").map_err(&read)?,
        payload: payload_of(row)?,
        attempt: row.try_get::<i64, _>("attempt").map_err(&read)? as u32,
        fence: row.try_get("fence").map_err(&read)?,
        queued_ms: row.try_get("created_ms").map_err(&read)?,
    })
}

pub(super) fn payload_of(row: &sqlx::any::AnyRow) -> Result<Value, StoreError> {
    let text: String = row
        .try_get("payload")
        .map_err(failed_to("read a job's payload"))?;
    serde_json::from_str(&text).map_err(unreadable("a job's payload"))
}
