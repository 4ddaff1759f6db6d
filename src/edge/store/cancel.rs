//! Stopping work: what is queued is dropped, what runs is asked to stop and ends itself.

use sqlx::{Any, Transaction};

use super::error::{StoreError, failed_to, unreadable};
use super::log::AppendError;
use super::open::Store;
use super::queue::job;
use super::runs::run_id;
use crate::domain::ending::{CancelReason, Ending};
use crate::domain::event::Event;
use crate::domain::name::{RepoName, RunId};

impl Store {
    /// Cancels every run of a place that has not ended: one that is at work is asked to stop, the others end here and
    /// now. Returns all of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_runs(
        &self,
        place: &str,
        reason: &CancelReason,
    ) -> Result<Vec<RunId>, StoreError> {
        self.cancel_where(
            "SELECT id, place FROM runs WHERE place = $1 AND ended_ms IS NULL ORDER BY id",
            Bound::Text(place),
            reason,
        )
        .await
    }

    /// The App was taken off a repository: its runs are cancelled, and what is known of it is deleted. A run that is
    /// still at work keeps its log until it has ended; calling this again deletes that too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn repo_gone(&self, repo: &RepoName) -> Result<Vec<RunId>, StoreError> {
        let cancelled = self
            .cancel_where(
                "SELECT id, place FROM runs WHERE repo = $1 AND ended_ms IS NULL ORDER BY id",
                Bound::Text(repo.as_str()),
                &CancelReason::RepositoryRemoved,
            )
            .await?;
        self.purge(
            "SELECT id, place FROM runs WHERE repo = $1 AND ended_ms IS NOT NULL",
            Bound::Text(repo.as_str()),
        )
        .await?;
        Ok(cancelled)
    }

    /// The App was uninstalled: as [`Store::repo_gone`] for all repositories of the installation.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn installation_gone(&self, installation: u64) -> Result<Vec<RunId>, StoreError> {
        let cancelled = self
            .cancel_where(
                "SELECT id, place FROM runs WHERE installation = $1 AND ended_ms IS NULL ORDER BY id",
                Bound::Number(installation as i64),
                &CancelReason::Uninstalled,
            )
            .await?;
        self.purge(
            "SELECT id, place FROM runs WHERE installation = $1 AND ended_ms IS NOT NULL",
            Bound::Number(installation as i64),
        )
        .await?;
        Ok(cancelled)
    }

    async fn cancel_where(
        &self,
        select: &'static str,
        bound: Bound<'_>,
        reason: &CancelReason,
    ) -> Result<Vec<RunId>, StoreError> {
        let mut tx = self.transaction().await?;
        let rows = bound.of_runs(select).fetch_all(&mut *tx);
        let rows = rows.await.map_err(failed_to("cancel runs"))?;
        let mut runs = Vec::new();
        for row in &rows {
            let run = run_id(&row.id)?;
            self.stop_in(&mut tx, &run, reason).await?;
            runs.push(run);
        }
        tx.commit().await.map_err(failed_to("cancel runs"))?;
        for run in &runs {
            self.tell(run, 0);
        }
        Ok(runs)
    }

    /// Asks the run to stop when it is at work; ends it when nobody works on it. Both ends are told alike.
    pub(super) async fn stop_in(
        &self,
        tx: &mut Transaction<'static, Any>,
        run: &RunId,
        reason: &CancelReason,
    ) -> Result<(), StoreError> {
        if ask_in(tx, run, reason).await? == Asking::AtWork {
            return Ok(());
        }
        let ending = Ending::stopped(reason.clone());
        match self.append_in(tx, run, Event::Ended { ending }).await {
            Err(AppendError::Store(error)) => Err(error),
            // It ended by itself in this very moment.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn purge(&self, select: &'static str, bound: Bound<'_>) -> Result<(), StoreError> {
        let purge = failed_to("delete what is known of a repository");
        let mut tx = self.transaction().await?;
        let rows = bound.of_runs(select).fetch_all(&mut *tx);
        for RunOfPlace { id, place } in rows.await.map_err(&purge)? {
            let run = run_id(&id)?;
            let report = format!("report:{run}");
            for (statement, value) in [
                ("DELETE FROM jobs WHERE dedupe = $1", report.as_str()),
                ("DELETE FROM events WHERE run = $1", run.as_str()),
                ("DELETE FROM posted WHERE subject = $1", run.as_str()),
                ("DELETE FROM posted WHERE subject = $1", place.as_str()),
                ("DELETE FROM signed WHERE place = $1", place.as_str()),
                ("DELETE FROM places WHERE place = $1", place.as_str()),
                ("DELETE FROM runs WHERE id = $1", run.as_str()),
            ] {
                sqlx::query(statement)
                    .bind(value)
                    .execute(&mut *tx)
                    .await
                    .map_err(&purge)?;
            }
        }
        tx.commit().await.map_err(&purge)
    }
}

/// The one value of a statement.
#[derive(Clone, Copy)]
enum Bound<'a> {
    Text(&'a str),
    Number(i64),
}

impl Bound<'_> {
    fn of_runs(
        self,
        statement: &'static str,
    ) -> sqlx::query::QueryAs<'static, Any, RunOfPlace, sqlx::any::AnyArguments> {
        match self {
            Bound::Text(text) => sqlx::query_as(statement).bind(text.to_owned()),
            Bound::Number(number) => sqlx::query_as(statement).bind(number),
        }
    }
}

/// A run, and where it is.
#[derive(sqlx::FromRow)]
struct RunOfPlace {
    id: String,
    place: String,
}

/// What a run was doing when it was asked to stop.
#[derive(PartialEq, Eq)]
enum Asking {
    /// Its worker learns of it with its next beat.
    AtWork,
    /// Nobody worked on it; its job is gone.
    Waiting,
}

async fn ask_in(
    tx: &mut Transaction<'static, Any>,
    run: &RunId,
    reason: &CancelReason,
) -> Result<Asking, StoreError> {
    let cancel = failed_to("cancel jobs");
    sqlx::query("DELETE FROM jobs WHERE kind = $1 AND dedupe = $2 AND state = 'queued'")
        .bind(job::RUN)
        .bind(run.as_str())
        .execute(&mut **tx)
        .await
        .map_err(&cancel)?;
    // The first reason stays.
    let running = sqlx::query(
        "UPDATE jobs SET cancel = COALESCE(cancel, $3) WHERE kind = $1 AND dedupe = $2 AND state = 'running'",
    )
    .bind(job::RUN)
    .bind(run.as_str())
    .bind(serde_json::to_string(reason).map_err(unreadable("a reason"))?)
    .execute(&mut **tx)
    .await
    .map_err(&cancel)?;
    Ok(match running.rows_affected() {
        0 => Asking::Waiting,
        _ => Asking::AtWork,
    })
}
