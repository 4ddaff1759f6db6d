//! The log: what happened in each run, in order, never changed. Everything that people see is rendered from it.

use std::time::Duration;

use sqlx::{Any, Transaction};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::error::{StoreError, failed_to, unreadable};
use super::hold::{Hold, Of};
use super::open::Store;
use crate::domain::event::{Event, Logged};
use crate::domain::name::RunId;
use crate::os::retry::{Pauses, Spread};

/// How long a database may take to come back before an event counts as not written.
const BROKEN: Pauses = Pauses {
    first: Duration::from_millis(200),
    times: 6,
    spread: Spread::None,
};

/// In the place of an event's number, where a run, or something in it, was asked to stop.
pub(super) const ASKED_TO_STOP: i64 = 0;

/// Waits until the run, or something in it, is asked to stop by this process.
pub async fn asked_to_stop(news: &mut broadcast::Receiver<(RunId, i64)>, run: &RunId) {
    loop {
        match news.recv().await {
            Ok((which, ASKED_TO_STOP)) if which == *run => return,
            Ok(_) => {}
            // Missed news may have been ours, and without any it is looked now and then.
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// The number of no hold.
const NOBODY: i64 = -1;

/// Why an event was not taken into the log.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else has taken the run up since, or the build.
    #[error("run {run} was taken up by somebody else; nothing more is written for it here")]
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
    /// Adds `event` to the log of `run`. With a `hold`, only while nobody else has taken the run up. Where the connection breaks
    /// (a database that restarts), it is looked whether the event was written, and done again when it was not.
    ///
    /// # Errors
    /// When the hold was lost, the run has ended or does not exist, or the database fails.
    pub async fn append(
        &self,
        run: &RunId,
        event: Event,
        hold: Option<&Hold>,
    ) -> Result<Logged, AppendError> {
        let at_ms = self.now_ms();
        let mut pauses = BROKEN.begin();
        let mut appended = self.append_once(run, &event, hold, at_ms).await;
        loop {
            let pause = match &appended {
                Err(AppendError::Store(error)) if error.is_lost() => pauses.next(),
                _ => None,
            };
            let Some(pause) = pause else {
                return appended;
            };
            tokio::time::sleep(pause).await;
            appended = match self.written(run, &event, at_ms).await {
                Ok(Some(logged)) => {
                    self.tell(run, logged.seq);
                    Ok(logged)
                }
                Ok(None) => self.append_once(run, &event, hold, at_ms).await,
                Err(error) => Err(error.into()),
            };
        }
    }

    async fn append_once(
        &self,
        run: &RunId,
        event: &Event,
        hold: Option<&Hold>,
        at_ms: i64,
    ) -> Result<Logged, AppendError> {
        let mut tx = self.transaction().await?;
        let logged = self.append_at(&mut tx, run, event, hold, at_ms).await?;
        tx.commit().await.map_err(failed_to("write the log"))?;
        self.tell(run, logged.seq);
        Ok(logged)
    }

    /// The same event of the same moment, if it is in the log: it names what it is about, so there are no two of them.
    async fn written(
        &self,
        run: &RunId,
        event: &Event,
        at_ms: i64,
    ) -> Result<Option<Logged>, StoreError> {
        let text = serde_json::to_string(event).map_err(unreadable("an event"))?;
        let row: Option<StoredEvent> = sqlx::query_as(
            "SELECT seq, at_ms, event FROM events WHERE run = $1 AND at_ms = $2 AND event = $3 LIMIT 1",
        )
        .bind(run.as_str())
        .bind(at_ms)
        .bind(text)
        .fetch_optional(&self.pool)
        .await
        .map_err(failed_to("read the log"))?;
        row.map(StoredEvent::read).transpose()
    }

    /// As [`Store::append`], as a part of something greater. The caller calls [`Store::tell`] after its commit.
    pub(super) async fn append_in(
        &self,
        tx: &mut Transaction<'static, Any>,
        run: &RunId,
        event: Event,
    ) -> Result<Logged, AppendError> {
        let at_ms = self.now_ms();
        self.append_at(tx, run, &event, None, at_ms).await
    }

    async fn append_at(
        &self,
        tx: &mut Transaction<'static, Any>,
        run: &RunId,
        event: &Event,
        hold: Option<&Hold>,
        at_ms: i64,
    ) -> Result<Logged, AppendError> {
        let write = failed_to("write the log");
        let ended_ms = matches!(event, Event::Ended { .. }).then_some(at_ms);
        let fence = match hold {
            None => NOBODY,
            Some(Hold {
                of: Of::Run, fence, ..
            }) => *fence,
            Some(
                build @ Hold {
                    of: Of::Build(interaction),
                    ..
                },
            ) => {
                if !self.keep_build(tx, build, interaction).await? {
                    return Err(AppendError::Fenced { run: run.clone() });
                }
                NOBODY
            }
        };
        // The run's row gives out the numbers: writers of one run wait for each other here.
        let seq: Option<i64> = sqlx::query_scalar(
            "UPDATE runs SET latest_seq = latest_seq + 1, ended_ms = $2
            WHERE id = $1 AND ended_ms IS NULL AND (fence = $3 OR $3 < 0) RETURNING latest_seq",
        )
        .bind(run.as_str())
        .bind(ended_ms)
        .bind(fence)
        .fetch_optional(&mut **tx)
        .await
        .map_err(&write)?;
        let Some(seq) = seq else {
            let ended: Option<Option<i64>> =
                sqlx::query_scalar("SELECT ended_ms FROM runs WHERE id = $1")
                    .bind(run.as_str())
                    .fetch_optional(&mut **tx)
                    .await
                    .map_err(&write)?;
            let run = run.clone();
            return Err(match ended {
                Some(Some(_)) => AppendError::Over { run },
                Some(None) => AppendError::Fenced { run },
                None => AppendError::Unknown { run },
            });
        };
        let text = serde_json::to_string(event).map_err(unreadable("an event"))?;
        sqlx::query("INSERT INTO events (run, seq, at_ms, event) VALUES ($1, $2, $3, $4)")
            .bind(run.as_str())
            .bind(seq)
            .bind(at_ms)
            .bind(text)
            .execute(&mut **tx)
            .await
            .map_err(&write)?;
        Ok(Logged {
            seq,
            at_ms,
            event: event.clone(),
        })
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
