//! Runs: beginning one, once, and finding them again.

use sqlx::{Any, Transaction};

use super::error::{StoreError, failed_to, unreadable};
use super::log::{ASKED_TO_STOP, AppendError};
use super::open::Store;
use crate::domain::ending::CancelReason;
use crate::domain::event::Event;
use crate::domain::limits;
use crate::domain::name::{RepoName, RunId, Sha};
use crate::domain::pull::{Origin, Request};
use crate::domain::retention::Of;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// There is a new run.
    New {
        /// Runs of the same place that it takes the place of, by id. They were asked to stop.
        superseded: Vec<RunId>,
    },
    /// The same request came before; nothing was done.
    Known,
}

/// One run, without its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// The run.
    pub run: RunId,
    /// See [`Request::place`].
    pub place: String,
    /// The repository on GitHub; absent for a local run.
    pub repo: Option<RepoName>,
    /// The pull request's number; absent for a local run.
    pub pull: Option<u64>,
    /// The App's installation; absent for a local run.
    pub installation: Option<u64>,
    /// The commit that it is for.
    pub head: Sha,
    /// The commit that it pushed.
    pub pushed: Option<Sha>,
    /// Milliseconds since the epoch.
    pub requested_ms: i64,
    /// Milliseconds since the epoch, once it has ended.
    pub ended_ms: Option<i64>,
    /// The number of its newest event.
    pub latest_seq: i64,
}

impl Store {
    /// Begins a run: its row and its first event, in one step. Runs of the same place that have not ended are superseded.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self, request: &Request) -> Result<Begun, StoreError> {
        let begin = failed_to("begin a run");
        let place = request.place();
        let mut tx = self.transaction().await?;
        // The place's row lets only one run of it begin at a time.
        sqlx::query(
            "INSERT INTO places (place, touched_ms) VALUES ($1, $2)
            ON CONFLICT (place) DO UPDATE SET touched_ms = excluded.touched_ms",
        )
        .bind(place.as_str())
        .bind(self.now_ms())
        .execute(&mut **tx)
        .await
        .map_err(&begin)?;
        if !self.insert(&mut tx, request, &place).await? {
            return Ok(Begun::Known);
        }
        let older: Vec<String> = sqlx::query_scalar(
            // In the same order as when runs are cancelled, so that two who stop runs never wait for each other.
            "SELECT id FROM runs WHERE place = $1 AND ended_ms IS NULL AND id <> $2 ORDER BY id",
        )
        .bind(place.as_str())
        .bind(request.run.as_str())
        .fetch_all(&mut **tx)
        .await
        .map_err(&begin)?;
        let mut superseded = Vec::new();
        let reason = CancelReason::Superseded {
            by: request.run.clone(),
        };
        for id in &older {
            let run = run_id(id)?;
            self.stop_in(&mut tx, &run, &reason).await?;
            superseded.push(run);
        }
        let requested = Event::Requested {
            request: request.clone(),
        };
        match self.append_in(&mut tx, &request.run, requested).await {
            Ok(_) => {}
            Err(AppendError::Store(error)) => return Err(error),
            Err(other) => return Err(unreadable("a run")(other)),
        }
        tx.commit().await.map_err(&begin)?;
        for run in &superseded {
            self.tell(run, ASKED_TO_STOP);
        }
        self.tell(&request.run, 1);
        Ok(Begun::New { superseded })
    }

    async fn insert(
        &self,
        tx: &mut Transaction<'static, Any>,
        request: &Request,
        place: &str,
    ) -> Result<bool, StoreError> {
        let (installation, pull) = match &request.origin {
            Origin::PullRequest { installation, pull } => (Some(*installation), Some(pull)),
            Origin::Local { .. } => (None, None),
        };
        let inserted = sqlx::query(
            "INSERT INTO runs (id, place, repo, pull, installation, head, requested_ms, latest_seq)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 0) ON CONFLICT (id) DO NOTHING",
        )
        .bind(request.run.as_str())
        .bind(place)
        .bind(pull.map(|pull| pull.repo.to_string()))
        .bind(pull.map(|pull| pull.number as i64))
        .bind(installation.map(|id| id as i64))
        .bind(request.head().as_str())
        .bind(self.now_ms())
        .execute(&mut **tx)
        .await
        .map_err(failed_to("begin a run"))?;
        Ok(inserted.rows_affected() > 0)
    }

    /// Notes which commit a run pushed, so that it is found by it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_pushed(&self, run: &RunId, commit: &Sha) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query("UPDATE runs SET pushed = $2 WHERE id = $1")
            .bind(run.as_str())
            .bind(commit.as_str())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("note a pushed commit"))
    }

    /// One run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run(&self, run: &RunId) -> Result<Option<RunRow>, StoreError> {
        let row: Option<StoredRun> = sqlx::query_as("SELECT * FROM runs WHERE id = $1")
            .bind(run.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(failed_to("read a run"))?;
        row.map(StoredRun::read).transpose()
    }

    /// The newest runs of one place, newest first, at most [`limits::RUNS_LISTED`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs_of(&self, place: &str) -> Result<Vec<RunRow>, StoreError> {
        let rows: Vec<StoredRun> = sqlx::query_as(
            "SELECT * FROM runs WHERE place = $1 ORDER BY requested_ms DESC, id LIMIT $2",
        )
        .bind(place)
        .bind(i64::from(limits::RUNS_LISTED))
        .fetch_all(&self.pool)
        .await
        .map_err(failed_to("list runs"))?;
        rows.into_iter().map(StoredRun::read).collect()
    }

    /// The repositories on GitHub of which there are runs, all or those of one owner of the App.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn repos_of(&self, of: &Of) -> Result<Vec<RepoName>, StoreError> {
        let select = match of {
            Of::All => sqlx::query_scalar("SELECT DISTINCT repo FROM runs WHERE repo IS NOT NULL"),
            Of::Place(place) => {
                let select = "SELECT DISTINCT repo FROM runs WHERE repo IS NOT NULL AND place = $1";
                sqlx::query_scalar(select).bind(place.clone())
            }
            Of::Repo(repo) => return Ok(vec![repo.clone()]),
            Of::Installation(id) => {
                let select =
                    "SELECT DISTINCT repo FROM runs WHERE repo IS NOT NULL AND installation = $1";
                sqlx::query_scalar(select).bind(id.cast_signed())
            }
        };
        let names: Vec<String> = select
            .fetch_all(&self.pool)
            .await
            .map_err(failed_to("list repositories"))?;
        let names = names.into_iter().map(|name| name.parse());
        let names = names.collect::<Result<_, _>>();
        names.map_err(unreadable("a repository's name"))
    }

    /// How many runs of one place were asked for at `since_ms` or later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn runs_since(&self, place: &str, since_ms: i64) -> Result<u32, StoreError> {
        let number: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM runs WHERE place = $1 AND requested_ms >= $2")
                .bind(place)
                .bind(since_ms)
                .fetch_one(&self.pool)
                .await
                .map_err(failed_to("count runs"))?;
        Ok(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// The newest run of a repository that was for this commit or that pushed it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn run_for_commit(
        &self,
        repo: &RepoName,
        commit: &Sha,
    ) -> Result<Option<RunRow>, StoreError> {
        let row: Option<StoredRun> = sqlx::query_as(
            "SELECT * FROM runs WHERE repo = $1 AND (head = $2 OR pushed = $2)
            ORDER BY requested_ms DESC, id LIMIT 1",
        )
        .bind(repo.as_str())
        .bind(commit.as_str())
        .fetch_optional(&self.pool)
        .await
        .map_err(failed_to("find the run of a commit"))?;
        row.map(StoredRun::read).transpose()
    }
}

pub(super) fn run_id(text: &str) -> Result<RunId, StoreError> {
    text.parse().map_err(unreadable("a run's id"))
}

pub(super) fn sha_of(text: &str) -> Result<Sha, StoreError> {
    text.parse().map_err(unreadable("a commit id"))
}

/// A row of `runs`.
#[derive(sqlx::FromRow)]
struct StoredRun {
    id: String,
    place: String,
    repo: Option<String>,
    pull: Option<i64>,
    installation: Option<i64>,
    head: String,
    pushed: Option<String>,
    requested_ms: i64,
    ended_ms: Option<i64>,
    latest_seq: i64,
}

impl StoredRun {
    fn read(self) -> Result<RunRow, StoreError> {
        let repo = self.repo.map(|name| name.parse()).transpose();
        Ok(RunRow {
            run: run_id(&self.id)?,
            place: self.place,
            repo: repo.map_err(unreadable("a repository's name"))?,
            pull: self.pull.map(i64::cast_unsigned),
            installation: self.installation.map(i64::cast_unsigned),
            head: sha_of(&self.head)?,
            pushed: self.pushed.as_deref().map(sha_of).transpose()?,
            requested_ms: self.requested_ms,
            ended_ms: self.ended_ms,
            latest_seq: self.latest_seq,
        })
    }
}
