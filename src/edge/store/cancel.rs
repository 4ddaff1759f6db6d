//! Stopping work: a run is asked to stop, and ends itself when whoever works on it looks.

use sqlx::{Any, Transaction};

use super::error::{StoreError, failed_to, unreadable};
use super::log::{ASKED_TO_STOP, AppendError};
use super::open::Store;
use super::runs::run_id;
use crate::domain::ending::{CancelReason, Ending};
use crate::domain::event::Event;
use crate::domain::name::RunId;
use crate::domain::retention::Of;

impl Store {
    /// Asks every run of a place that has not ended to stop. Returns them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_runs(
        &self,
        place: &str,
        reason: &CancelReason,
    ) -> Result<Vec<RunId>, StoreError> {
        self.stop_runs(&Of::Place(place.to_owned()), reason).await
    }

    /// The same, only of those that were asked for until then: whoever said so may be heard late, or twice.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_runs_until(
        &self,
        place: &str,
        reason: &CancelReason,
        until_ms: i64,
    ) -> Result<Vec<RunId>, StoreError> {
        let of = Of::Place(place.to_owned());
        self.stop_those(&of, reason, |run| run.requested_ms <= until_ms)
            .await
    }

    /// The same, whosever they are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stop_runs(
        &self,
        of: &Of,
        reason: &CancelReason,
    ) -> Result<Vec<RunId>, StoreError> {
        self.stop_those(of, reason, |_| true).await
    }

    async fn stop_those(
        &self,
        of: &Of,
        reason: &CancelReason,
        is_one: impl Fn(&RunOfPlace) -> bool + Send,
    ) -> Result<Vec<RunId>, StoreError> {
        let mut tx = self.transaction().await?;
        let rows = runs_of(of, State::Open).fetch_all(&mut **tx);
        let rows = rows.await.map_err(failed_to("cancel runs"))?;
        let mut runs = Vec::new();
        for row in rows.iter().filter(|row| is_one(row)) {
            let run = run_id(&row.id)?;
            self.stop_in(&mut tx, &run, reason).await?;
            runs.push(run);
        }
        tx.commit().await.map_err(failed_to("cancel runs"))?;
        for run in &runs {
            self.tell(run, ASKED_TO_STOP);
        }
        Ok(runs)
    }

    /// Deletes what is known of runs that have ended, for the App was taken off their repository. A run that is still at
    /// work keeps its log; calling this again deletes that too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, of: &Of) -> Result<(), StoreError> {
        let purge = failed_to("delete what is known of a repository");
        let mut tx = self.transaction().await?;
        let rows = runs_of(of, State::Ended).fetch_all(&mut **tx);
        for RunOfPlace { id, place, .. } in rows.await.map_err(&purge)? {
            let run = run_id(&id)?;
            for (statement, value) in [
                ("DELETE FROM events WHERE run = $1", run.as_str()),
                ("DELETE FROM builds WHERE run = $1", run.as_str()),
                ("DELETE FROM called_off WHERE run = $1", run.as_str()),
                ("DELETE FROM posted WHERE subject = $1", run.as_str()),
                ("DELETE FROM posted WHERE subject = $1", place.as_str()),
                ("DELETE FROM signed WHERE place = $1", place.as_str()),
                ("DELETE FROM places WHERE place = $1", place.as_str()),
                ("DELETE FROM runs WHERE id = $1", run.as_str()),
            ] {
                sqlx::query(statement)
                    .bind(value)
                    .execute(&mut **tx)
                    .await
                    .map_err(&purge)?;
            }
        }
        tx.commit().await.map_err(&purge)
    }

    /// Why a run is to stop, when it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_of(&self, run: &RunId) -> Result<Option<CancelReason>, StoreError> {
        Ok(match self.wanted(run).await? {
            Wanted::Stopped(reason) => Some(reason),
            Wanted::Yes | Wanted::Over => None,
        })
    }

    /// Whether somebody still wants a run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn wanted(&self, run: &RunId) -> Result<Wanted, StoreError> {
        let row: Option<(Option<String>, Option<i64>)> =
            sqlx::query_as("SELECT cancel, ended_ms FROM runs WHERE id = $1")
                .bind(run.as_str())
                .fetch_optional(&self.pool)
                .await
                .map_err(failed_to("look whether a run is to stop"))?;
        // What an earlier version asked for stands there in words.
        let read = |text: String| serde_json::from_str(&text).unwrap_or(CancelReason::Told(text));
        Ok(match row {
            Some((Some(cancel), _)) => Wanted::Stopped(read(cancel)),
            Some((None, None)) => Wanted::Yes,
            Some((None, Some(_))) | None => Wanted::Over,
        })
    }

    /// Asks a run of a pull request to stop; the first reason stays. A local run is carried out by the process that began it,
    /// which may be gone: it ends here and now.
    pub(super) async fn stop_in(
        &self,
        tx: &mut Transaction<'static, Any>,
        run: &RunId,
        reason: &CancelReason,
    ) -> Result<(), StoreError> {
        let asked = sqlx::query(
            "UPDATE runs SET cancel = COALESCE(cancel, $2) WHERE id = $1 AND pull IS NOT NULL AND ended_ms IS NULL",
        )
        .bind(run.as_str())
        .bind(serde_json::to_string(reason).map_err(unreadable("a reason"))?)
        .execute(&mut **tx)
        .await
        .map_err(failed_to("ask a run to stop"))?;
        if asked.rows_affected() > 0 {
            return Ok(());
        }
        let ending = Ending::stopped(reason.clone());
        match self.append_in(tx, run, Event::Ended { ending }).await {
            Err(AppendError::Store(error)) => Err(error),
            // It ended by itself in this very moment.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// Whether somebody wants a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Yes.
    Yes,
    /// It is to stop.
    Stopped(CancelReason),
    /// It has ended, or was forgotten.
    Over,
}

/// How far runs are.
#[derive(Clone, Copy)]
enum State {
    Open,
    Ended,
}

/// In the same order everywhere, so that two who stop runs never wait for each other.
fn runs_of(
    of: &Of,
    state: State,
) -> sqlx::query::QueryAs<'static, Any, RunOfPlace, sqlx::any::AnyArguments> {
    macro_rules! runs {
        ($whose:literal) => {
            match state {
                State::Open => sqlx::query_as(concat!(
                    "SELECT id, place, requested_ms FROM runs WHERE ",
                    $whose,
                    " AND ended_ms IS NULL ORDER BY id"
                )),
                State::Ended => sqlx::query_as(concat!(
                    "SELECT id, place, requested_ms FROM runs WHERE ",
                    $whose,
                    " AND ended_ms IS NOT NULL ORDER BY id"
                )),
            }
        };
    }
    match of {
        Of::All => runs!("1 = 1"),
        Of::Place(place) => runs!("place = $1").bind(place.clone()),
        Of::Repo(repo) => runs!("repo = $1").bind(repo.to_string()),
        Of::Installation(id) => runs!("installation = $1").bind(id.cast_signed()),
    }
}

/// A run, and where it is.
#[derive(sqlx::FromRow)]
struct RunOfPlace {
    requested_ms: i64,
    id: String,
    place: String,
}
