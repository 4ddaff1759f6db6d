//! A queue of jobs that survives a kill: what is to be done, and waiting for it. How a job is worked off is in
//! [`super::lease`].

use serde_json::{Value, json};
use sqlx::{Any, Row, Transaction};
use tokio::sync::watch;

use super::error::{StoreError, failed_to};
use super::open::Store;
use crate::domain::limits;
use crate::domain::name::RunId;

/// The kinds of jobs that the store itself puts into the queue.
pub mod job {
    /// Work off a delivery of the inbox; payload `{"id": …}`.
    pub const DELIVERY: &str = "delivery";
    /// Do a run; payload `{"run": …}`. One at a time per place.
    pub const RUN: &str = "run";
    /// Tell people how a run is going; payload `{"run": …}`. One at a time per place.
    pub const REPORT: &str = "report";
}

/// The work that a row of the queue stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Work off a delivery of the inbox.
    Delivery {
        /// GitHub's id of it.
        id: String,
    },
    /// Do a run. One at a time per place.
    Run {
        /// Which.
        run: RunId,
    },
    /// Tell people how a run is going. One at a time per place.
    Report {
        /// Which.
        run: RunId,
    },
}

/// Why a row of the queue is no work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Another version may know it.
    #[error("no worker of this version knows a job of the kind `{kind}`")]
    UnknownKind {
        /// Its kind.
        kind: String,
    },
    /// The row does not say what to work on.
    #[error("a job of the kind `{kind}` has no usable `{field}`: {payload}")]
    Incomplete {
        /// Its kind.
        kind: String,
        /// What is missing or is no such thing.
        field: &'static str,
        /// What the row holds.
        payload: String,
    },
}

impl Job {
    /// See [`job`].
    pub fn kind(&self) -> &'static str {
        match self {
            Job::Delivery { .. } => job::DELIVERY,
            Job::Run { .. } => job::RUN,
            Job::Report { .. } => job::REPORT,
        }
    }

    fn payload(&self) -> Value {
        match self {
            Job::Delivery { id } => json!({ "id": id }),
            Job::Run { run } | Job::Report { run } => json!({ "run": run }),
        }
    }

    /// Reads a row's kind and payload.
    ///
    /// # Errors
    /// When the kind is unknown, or the payload does not say what to work on. Trying again does not help.
    pub fn read(kind: &str, payload: &Value) -> Result<Self, JobError> {
        let incomplete = |field| JobError::Incomplete {
            kind: kind.to_owned(),
            field,
            payload: payload.to_string(),
        };
        let text = |field| {
            payload[field]
                .as_str()
                .filter(|text| !text.is_empty())
                .ok_or_else(|| incomplete(field))
        };
        let run = || text("run")?.parse().map_err(|_| incomplete("run"));
        match kind {
            job::DELIVERY => Ok(Job::Delivery {
                id: text("id")?.to_owned(),
            }),
            job::RUN => Ok(Job::Run { run: run()? }),
            job::REPORT => Ok(Job::Report { run: run()? }),
            other => Err(JobError::UnknownKind {
                kind: other.to_owned(),
            }),
        }
    }
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
}

impl NewJob {
    /// This work, without key and name, for now.
    pub fn of(job: &Job) -> Self {
        Self::new(job.kind(), job.payload())
    }
    /// A job without key and name, for now.
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self {
            kind,
            key: None,
            dedupe: None,
            payload,
            run_at_ms: None,
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
            VALUES ($1, $2, $3, $4, $5, 'queued', 0, $6, 0, 0, 0, 0, $7)
            ON CONFLICT (dedupe) WHERE state = 'queued' DO UPDATE SET run_at =
                CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END
            RETURNING id",
        )
        .bind(id)
        .bind(job.kind)
        .bind(job.key.clone())
        .bind(job.dedupe.clone())
        .bind(job.payload.to_string())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_as_it_was_written_and_a_broken_one_is_an_error() {
        let run: RunId = "0123456789ab".parse().expect("a run");
        for job in [
            Job::Delivery { id: "d-1".into() },
            Job::Run { run: run.clone() },
            Job::Report { run },
        ] {
            assert_eq!(Job::read(job.kind(), &job.payload()), Ok(job));
        }
        for (kind, payload, says) in [
            ("delivery", json!({}), "has no usable `id`: {}"),
            ("delivery", json!({"id": ""}), "has no usable `id`"),
            ("run", json!({"run": 7}), "has no usable `run`"),
            ("report", json!({"run": "no run"}), "has no usable `run`"),
            ("tidy", json!({}), "knows a job of the kind `tidy`"),
        ] {
            let error = Job::read(kind, &payload).expect_err(kind).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
