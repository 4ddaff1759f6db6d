//! A queue of jobs that survives a kill: what is to be done, and waiting for it. How a job is worked off is in
//! [`super::lease`].

use serde_json::Value;
use sqlx::{Any, Row, Transaction};
use tokio::sync::watch;

use super::error::{StoreError, failed_to};
use super::open::Store;
use crate::domain::limits;

/// The kinds of jobs that the store itself puts into the queue.
pub mod job {
    /// Work off a delivery of the inbox; payload `{"id": …}`.
    pub const DELIVERY: &str = "delivery";
    /// Do a run; payload `{"run": …}`. One at a time per place.
    pub const RUN: &str = "run";
    /// Tell people how a run is going; payload `{"run": …}`. One at a time per place.
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

    /// See [`Wake`].
    pub fn wake(&self) -> Wake {
        Wake(self.woken.subscribe())
    }

    pub(super) fn wake_workers(&self) {
        self.woken
            .send_modify(|count| *count = count.wrapping_add(1));
    }
}
