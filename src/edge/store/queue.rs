//! A queue of jobs that survives a kill. A worker *leases* a job and says again and again that it is alive; when it
//! falls silent the lease runs out and the job is another's. Every lease has a *fence*, a number that grows with each
//! claim: whoever comes back with an old one is told that the job is no longer theirs.

use serde_json::Value;
use sqlx::{Any, Row, Transaction};
use tokio::sync::watch;

use super::error::{StoreError, failed_to, is_conflict, note, unreadable};
use super::open::{Engine, Store};
use crate::domain::limits;

/// The kinds of jobs that the store itself puts into the queue.
pub mod job {
    /// Work off a delivery of the inbox; payload `{"id": …}`.
    pub const DELIVERY: &str = "delivery";
    /// Do a run; payload `{"run": …}`. One at a time per place.
    pub const RUN: &str = "run";
    /// Tell people how a run is going; payload `{"run": …}`. One at a time per run.
    pub const REPORT: &str = "report";
}

/// A job to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// What kind of work: letters and hyphens; see [`job`].
    pub kind: &'static str,
    /// At most one job of this key runs at a time.
    pub key: Option<String>,
    /// At most one job of this name is *queued* at a time. One that runs does not count, so that a wake-up that comes
    /// in the middle of the work is not lost.
    pub dedupe: Option<String>,
    /// What the worker needs to know.
    pub payload: Value,
    /// Not before; milliseconds since the epoch. Now when absent.
    pub run_at_ms: Option<i64>,
    /// The greater goes first; 0 is usual.
    pub priority: i64,
}

impl NewJob {
    /// A job without key and name, for now.
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self {
            kind,
            key: None,
            dedupe: None,
            payload,
            run_at_ms: None,
            priority: 0,
        }
    }
    /// The same, one at a time per `key`.
    pub fn key(self, key: impl Into<String>) -> Self {
        Self {
            key: Some(key.into()),
            ..self
        }
    }
    /// The same, queued once per `name`.
    pub fn dedupe(self, name: impl Into<String>) -> Self {
        Self {
            dedupe: Some(name.into()),
            ..self
        }
    }
    /// The same, not before `run_at_ms`.
    pub fn at(self, run_at_ms: i64) -> Self {
        Self {
            run_at_ms: Some(run_at_ms),
            ..self
        }
    }
}

/// What became of a new job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It is in the queue.
    New(i64),
    /// One of the same name was queued already; it runs at the earlier of the two times.
    Known,
}

/// A job in the hands of a worker.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// The job.
    pub job: i64,
    /// See [`NewJob::kind`].
    pub kind: String,
    /// See [`NewJob::payload`].
    pub payload: Value,
    /// Counts from 1; more than 1 after a failure or a crash.
    pub attempt: u32,
    /// Proof that the job is ours.
    pub fence: i64,
}

/// What a worker learns when it says that it is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beat {
    /// The job is ours for another [`limits::LEASE_SECONDS`].
    Held,
    /// The same, but somebody wants it stopped, for this reason.
    CancelAsked(String),
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
    /// It will not; see [`Store::take_dead`].
    ForGood,
    /// It was another's already; nothing was changed.
    Lost,
}

/// A job that failed for good.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadJob {
    /// Its id.
    pub job: i64,
    /// See [`NewJob::kind`].
    pub kind: String,
    /// See [`NewJob::payload`].
    pub payload: Value,
    /// What went wrong last.
    pub error: String,
}

/// Waits for work. Make one per worker, *before* its first claim: what is queued after that is never missed.
#[derive(Debug)]
pub struct Wake(watch::Receiver<u64>);

impl Wake {
    /// Returns as soon as this process put something into the queue, at the latest after [`limits::QUEUE_POLL_MS`]:
    /// other processes cannot wake us, and some jobs wait for their time.
    pub async fn wait(&mut self) {
        let poll = std::time::Duration::from_millis(limits::QUEUE_POLL_MS);
        // A time-out and a closed sender mean the same here: look into the queue again.
        if let Ok(Err(_)) = tokio::time::timeout(poll, self.0.changed()).await {
            tokio::time::sleep(poll).await;
        }
    }
}

/// Jobs whose lease ran out are free again; SQLite has a single writer and needs no more.
const CLAIM_SQLITE: &str =
    "UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1, worker = $1,
        lease_until = $2
    WHERE id = (SELECT j.id FROM jobs j
        WHERE $3 LIKE '%,' || j.kind || ',%'
          AND ((j.state = 'queued' AND j.run_at <= $4
                AND NOT EXISTS (SELECT 1 FROM jobs r WHERE r.state = 'running' AND r.ckey = j.ckey))
            OR (j.state = 'running' AND j.lease_until <= $4))
        ORDER BY j.priority DESC, j.run_at, j.id LIMIT 1)
    RETURNING id, kind, payload, attempt, fence";

/// The same for many writers: a row that somebody else is just claiming is skipped.
const CLAIM_POSTGRES: &str =
    "UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1, worker = $1,
        lease_until = $2
    WHERE id = (SELECT j.id FROM jobs j
        WHERE $3 LIKE '%,' || j.kind || ',%'
          AND ((j.state = 'queued' AND j.run_at <= $4
                AND NOT EXISTS (SELECT 1 FROM jobs r WHERE r.state = 'running' AND r.ckey = j.ckey))
            OR (j.state = 'running' AND j.lease_until <= $4))
        ORDER BY j.priority DESC, j.run_at, j.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED)
    RETURNING id, kind, payload, attempt, fence";

/// Two workers may pick two jobs of one key in the same moment; the index lets one through and the other looks again.
const CLAIM_TRIES: u32 = 8;

impl Store {
    /// Puts a job into the queue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enqueue(&self, job: &NewJob) -> Result<Enqueued, StoreError> {
        let mut tx = self.transaction().await?;
        let enqueued = self.enqueue_in(&mut tx, job).await?;
        tx.commit().await.map_err(failed_to("enqueue a job"))?;
        self.wake_workers();
        Ok(enqueued)
    }

    /// As [`Store::enqueue`], as a part of something greater. The caller wakes the workers after its commit.
    pub(super) async fn enqueue_in(
        &self,
        tx: &mut Transaction<'static, Any>,
        job: &NewJob,
    ) -> Result<Enqueued, StoreError> {
        let (id, now) = (self.next_id(), self.now_ms());
        let row = sqlx::query(
            "INSERT INTO jobs (id, kind, ckey, dedupe, payload, state, priority, run_at, attempt, fence, lease_until,
                told, created_ms)
            VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7, 0, 0, 0, 0, $8)
            ON CONFLICT (dedupe) WHERE state = 'queued' DO UPDATE SET run_at =
                CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END
            RETURNING id",
        )
        .bind(id)
        .bind(job.kind)
        .bind(job.key.clone())
        .bind(job.dedupe.clone())
        .bind(job.payload.to_string())
        .bind(job.priority)
        .bind(job.run_at_ms.unwrap_or(now))
        .bind(now)
        .fetch_one(&mut **tx)
        .await
        .map_err(failed_to("enqueue a job"))?;
        match row.try_get::<i64, _>("id") {
            Ok(queued) if queued == id => Ok(Enqueued::New(id)),
            Ok(_) => Ok(Enqueued::Known),
            Err(source) => Err(failed_to("enqueue a job")(source)),
        }
    }

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
                Ok(Some(why)) => Ok(Beat::CancelAsked(why)),
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

    /// Jobs of these kinds that failed for good, each only once: so that somebody can be told.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_dead(&self, kinds: &[&str]) -> Result<Vec<DeadJob>, StoreError> {
        self.bury(self.now_ms()).await?;
        let rows = sqlx::query(
            "UPDATE jobs SET told = 1 WHERE state = 'failed' AND told = 0 AND $1 LIKE '%,' || kind || ',%'
            RETURNING id, kind, payload, error",
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

    /// See [`Wake`].
    pub fn wake(&self) -> Wake {
        Wake(self.woken.subscribe())
    }

    pub(super) fn wake_workers(&self) {
        self.woken
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A job that was tried too often, each time by a worker that then fell silent, is dead.
    async fn bury(&self, now: i64) -> Result<(), StoreError> {
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
    })
}

fn payload_of(row: &sqlx::any::AnyRow) -> Result<Value, StoreError> {
    let text: String = row
        .try_get("payload")
        .map_err(failed_to("read a job's payload"))?;
    serde_json::from_str(&text).map_err(unreadable("a job's payload"))
}
