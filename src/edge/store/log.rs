//! The log: what happened in each run, in order, never changed. Everything that people see is rendered from it, and
//! every new entry queues a report.

use sqlx::{Any, Row, Transaction};
use tokio::sync::broadcast;

use super::error::{StoreError, failed_to, unreadable};
use super::lease::Lease;
use super::open::Store;
use super::queue::{Job, NewJob};
use crate::domain::event::{Event, Logged};
use crate::domain::limits;
use crate::domain::name::RunId;

/// Why an event was not taken into the log.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The job that the worker did is another's now.
    #[error(
        "the work on run {run} was taken over by another worker; nothing more is written for it here"
    )]
    Fenced {
        /// The run.
        run: RunId,
    },
    /// The run has ended.
    #[error("run {run} has ended; nothing can be added to its log")]
    Over {
        /// The run.
        run: RunId,
    },
    /// There is no such run.
    #[error("there is no run {run}")]
    Unknown {
        /// The run.
        run: RunId,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Adds `event` to the log of `run` and queues a report. With `guard`, only while that lease is still ours.
    ///
    /// # Errors
    /// When the lease was lost, the run has ended or does not exist, or the database fails.
    pub async fn append(
        &self,
        run: &RunId,
        event: Event,
        guard: Option<&Lease>,
    ) -> Result<Logged, AppendError> {
        let mut tx = self.transaction().await?;
        if let Some(lease) = guard {
            // Touching the job's row keeps others from claiming it until our event is in.
            let held = sqlx::query(
                "UPDATE jobs SET fence = fence WHERE id = $1 AND fence = $2 AND state = 'running'",
            )
            .bind(lease.job)
            .bind(lease.fence)
            .execute(&mut *tx)
            .await
            .map_err(failed_to("check a lease"))?;
            if held.rows_affected() == 0 {
                return Err(AppendError::Fenced { run: run.clone() });
            }
        }
        let logged = self.append_in(&mut tx, run, event).await?;
        tx.commit().await.map_err(failed_to("write the log"))?;
        self.tell(run, logged.seq);
        Ok(logged)
    }

    /// As [`Store::append`], as a part of something greater. The caller calls [`Store::tell`] after its commit.
    pub(super) async fn append_in(
        &self,
        tx: &mut Transaction<'static, Any>,
        run: &RunId,
        event: Event,
    ) -> Result<Logged, AppendError> {
        let write = failed_to("write the log");
        let at_ms = self.now_ms();
        let ended_ms = matches!(event, Event::Ended { .. }).then_some(at_ms);
        // The run's row gives out the numbers: writers of one run wait for each other here.
        let row = sqlx::query(
            "UPDATE runs SET latest_seq = latest_seq + 1, ended_ms = $2 WHERE id = $1 AND ended_ms IS NULL
            RETURNING latest_seq, pull, place, requested_ms",
        )
        .bind(run.as_str())
        .bind(ended_ms)
        .fetch_optional(&mut **tx)
        .await
        .map_err(&write)?;
        let Some(row) = row else {
            let known = sqlx::query("SELECT id FROM runs WHERE id = $1")
                .bind(run.as_str())
                .fetch_optional(&mut **tx)
                .await
                .map_err(&write)?;
            return Err(match known {
                Some(_) => AppendError::Over { run: run.clone() },
                None => AppendError::Unknown { run: run.clone() },
            });
        };
        let seq: i64 = row.try_get("latest_seq").map_err(&write)?;
        let text = serde_json::to_string(&event).map_err(unreadable("an event"))?;
        sqlx::query("INSERT INTO events (run, seq, at_ms, event) VALUES ($1, $2, $3, $4)")
            .bind(run.as_str())
            .bind(seq)
            .bind(at_ms)
            .bind(text)
            .execute(&mut **tx)
            .await
            .map_err(&write)?;
        // A local run is told by the process that carries it out.
        if row
            .try_get::<Option<i64>, _>("pull")
            .map_err(&write)?
            .is_some()
        {
            let name = format!("report:{run}");
            // One at a time per place: two runs of a pull request share its summary.
            let place: String = row.try_get("place").map_err(&write)?;
            let requested_ms: i64 = row.try_get("requested_ms").map_err(&write)?;
            let report = NewJob::of(&Job::Report { run: run.clone() })
                .key(format!("report:{place}"))
                .dedupe(name)
                .at(at_ms + patience_ms(&event, at_ms - requested_ms));
            self.enqueue_in(tx, &report).await?;
        }
        Ok(Logged { seq, at_ms, event })
    }

    /// The log of `run` after entry `after_seq`, in order; 0 is the whole.
    ///
    /// # Errors
    /// When the database fails, or holds an event of a newer version.
    pub async fn events(&self, run: &RunId, after_seq: i64) -> Result<Vec<Logged>, StoreError> {
        let rows: Vec<StoredEvent> = sqlx::query_as(
            "SELECT seq, at_ms, event FROM events WHERE run = $1 AND seq > $2 ORDER BY seq",
        )
        .bind(run.as_str())
        .bind(after_seq)
        .fetch_all(&self.pool)
        .await
        .map_err(failed_to("read the log"))?;
        rows.into_iter().map(StoredEvent::read).collect()
    }

    /// Wake-ups of this process: which run has a new entry, and its number. Who falls behind is told so and reads the
    /// log itself; other processes' entries are not announced here.
    pub fn subscribe(&self) -> broadcast::Receiver<(RunId, i64)> {
        self.logged.subscribe()
    }

    /// Announces what was committed.
    pub(super) fn tell(&self, run: &RunId, seq: i64) {
        // Nobody may be watching, which is no fault.
        let _ = self.logged.send((run.clone(), seq));
        self.wake_workers();
    }
}

/// A row of `events`.
#[derive(sqlx::FromRow)]
pub(super) struct StoredEvent {
    seq: i64,
    at_ms: i64,
    event: String,
}

impl StoredEvent {
    pub(super) fn read(self) -> Result<Logged, StoreError> {
        Ok(Logged {
            seq: self.seq,
            at_ms: self.at_ms,
            event: serde_json::from_str(&self.event).map_err(unreadable("an event"))?,
        })
    }
}

/// How long a report of `event` may wait for others to join it, in a run that was asked for `age_ms` ago.
fn patience_ms(event: &Event, age_ms: i64) -> i64 {
    match event {
        Event::PackagesChosen { .. }
        | Event::WallsTried { .. }
        | Event::AttemptStarted { .. }
        | Event::Doing { .. }
        | Event::Sealed { .. }
        | Event::AttemptFailed { .. }
        | Event::Judged { .. }
        | Event::GivenUp { .. }
        | Event::BaseVerified { .. }
        | Event::Verified { .. }
        | Event::WholeGood { .. }
        | Event::ProjectFailed { .. } => progress_pause_ms(age_ms),
        Event::Requested { .. }
        | Event::Planned { .. }
        | Event::Settled { .. }
        | Event::Ended { .. } => 0,
    }
}

/// How long mere progress may wait: the longer a run takes, the less does a minute tell of it.
fn progress_pause_ms(age_ms: i64) -> i64 {
    let pause = age_ms / limits::REPORT_PAUSES_IN_AGE;
    pause.clamp(limits::REPORT_COALESCE_MS, limits::REPORT_PAUSE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Progress reports of a run in which something happens all the time.
    fn reports(run_ms: i64) -> usize {
        let mut age_ms = 0;
        std::iter::from_fn(|| {
            age_ms += progress_pause_ms(age_ms);
            (age_ms < run_ms).then_some(())
        })
        .count()
    }

    #[test]
    fn a_long_run_is_told_of_less_often_than_a_short_one_in_the_same_time() {
        assert_eq!(progress_pause_ms(0), 10_000);
        // A clock that was turned back is no reason for haste.
        assert_eq!(progress_pause_ms(-5_000), 10_000);
        assert_eq!(progress_pause_ms(10 * 60_000), 150_000);
        assert_eq!(progress_pause_ms(24 * 60 * 60_000), 300_000);
        let minutes = [1, 15, 60].map(|minutes| reports(minutes * 60_000));
        assert_eq!(minutes, [5, 17, 27]);
    }
}
