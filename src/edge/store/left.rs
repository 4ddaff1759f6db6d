//! What is left to do, as the inbox and the runs say: there is no other list of it.

use super::error::{StoreError, failed_to, note};
use super::hold::{Hold, Of};
use super::open::Store;
use super::runs::run_id;
use crate::domain::limits;
use crate::domain::name::RunId;

/// In `runs.tell_tries`: something was left out.
const LEFT_OUT: i64 = -1;

/// A run that was taken up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// For writing its log.
    pub hold: Hold,
    /// How often it was taken up since its log grew last; this time counts.
    pub tries: u32,
    /// What went wrong the last time.
    pub fault: Option<String>,
    /// When it was asked for; milliseconds since the epoch.
    pub requested_ms: i64,
}

/// A run of which people were not told everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// The run.
    pub run: RunId,
    /// The number of the newest event that they know.
    pub told_seq: i64,
    /// When it was asked for; milliseconds since the epoch.
    pub requested_ms: i64,
    /// How often telling them has failed.
    pub tries: u32,
}

#[derive(sqlx::FromRow)]
struct TakenRow {
    fence: i64,
    tries: i64,
    fault: Option<String>,
    requested_ms: i64,
}

#[derive(sqlx::FromRow)]
struct UntoldRow {
    id: String,
    told_seq: i64,
    requested_ms: i64,
    tell_tries: i64,
}

impl Store {
    /// Deliveries that nobody has worked off, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries_left(&self) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar(
            "SELECT id FROM deliveries WHERE state = 'received' ORDER BY received_ms, id",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(failed_to("list deliveries"))
    }

    /// Pull requests where something is to be done or to be told. Local runs are their own process's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn places_left(&self) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar(
            "SELECT DISTINCT place FROM runs
            WHERE (done = 0 OR told_seq < latest_seq) AND pull IS NOT NULL ORDER BY place",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(failed_to("list what is left to do"))
    }

    /// How many runs are not done, and how many deliveries nobody has worked off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn how_many_left(&self) -> Result<(u32, u32), StoreError> {
        let row: (i64, i64) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM runs WHERE done = 0 AND pull IS NOT NULL),
                (SELECT COUNT(*) FROM deliveries WHERE state = 'received')",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(failed_to("count what is left to do"))?;
        let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok((number(row.0), number(row.1)))
    }

    /// The run that comes next at a place: the oldest of those that are not done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_run(&self, place: &str) -> Result<Option<RunId>, StoreError> {
        let id: Option<String> = sqlx::query_scalar(
            "SELECT id FROM runs WHERE place = $1 AND done = 0 ORDER BY requested_ms, id LIMIT 1",
        )
        .bind(place)
        .fetch_optional(&self.pool)
        .await
        .map_err(failed_to("find the next run"))?;
        id.as_deref().map(run_id).transpose()
    }

    /// Takes a run up; nothing when it is done.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_up(&self, run: &RunId) -> Result<Option<Taken>, StoreError> {
        let _turn = self.turn_to_write().await;
        let row: Option<TakenRow> = sqlx::query_as(
            "UPDATE runs SET fence = fence + 1, tried_seq = latest_seq,
                tries = CASE WHEN tried_seq = latest_seq THEN tries + 1 ELSE 1 END
            WHERE id = $1 AND done = 0 RETURNING fence, tries, fault, requested_ms",
        )
        .bind(run.as_str())
        .fetch_optional(&self.pool)
        .await
        .map_err(failed_to("take a run up"))?;
        Ok(row.map(|row| Taken {
            hold: Hold {
                run: run.clone(),
                of: Of::Run,
                fence: row.fence,
            },
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
            fault: row.fault,
            requested_ms: row.requested_ms,
        }))
    }

    /// Puts a run down as if it had not been taken up: this process ends, or somebody else has to be waited for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_down(&self, hold: &Hold) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query("UPDATE runs SET tries = tries - 1 WHERE id = $1 AND fence = $2 AND tries > 0")
            .bind(hold.run.as_str())
            .bind(hold.fence)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("put a run down"))
    }

    /// Notes what went wrong with a run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_fault(&self, hold: &Hold, fault: &str) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query("UPDATE runs SET fault = $3 WHERE id = $1 AND fence = $2")
            .bind(hold.run.as_str())
            .bind(hold.fence)
            .bind(note(fault))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("note a fault"))
    }

    /// Nothing is left to do for a run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_done(&self, hold: &Hold) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query("UPDATE runs SET done = 1 WHERE id = $1 AND fence = $2")
            .bind(hold.run.as_str())
            .bind(hold.fence)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("note that a run is done"))
    }

    /// The runs of a place of which people were not told everything, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn untold(&self, place: &str) -> Result<Vec<Untold>, StoreError> {
        let rows: Vec<UntoldRow> = sqlx::query_as(
            "SELECT id, told_seq, requested_ms, tell_tries FROM runs
            WHERE place = $1 AND told_seq < latest_seq AND pull IS NOT NULL ORDER BY requested_ms, id LIMIT $2",
        )
        .bind(place)
        .bind(i64::from(limits::RUNS_LISTED))
        .fetch_all(&self.pool)
        .await
        .map_err(failed_to("list what was not told"))?;
        let untold = |row: UntoldRow| {
            Ok(Untold {
                run: run_id(&row.id)?,
                told_seq: row.told_seq,
                requested_ms: row.requested_ms,
                // What was left out before does not count against what happened since.
                tries: u32::try_from(row.tell_tries).unwrap_or(0),
            })
        };
        rows.into_iter().map(untold).collect()
    }

    /// People were told of everything up to that event.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_told(&self, run: &RunId, seq: i64) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query(
            "UPDATE runs SET tell_tries = 0, told_seq = CASE WHEN told_seq < $2 THEN $2 ELSE told_seq END
            WHERE id = $1",
        )
        .bind(run.as_str())
        .bind(seq)
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(failed_to("note what was told"))
    }

    /// Leaves out what people could not be told, up to that event, until [`Store::tell_again`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave_untold(&self, run: &RunId, seq: i64) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query("UPDATE runs SET tell_tries = $3, told_seq = $2 WHERE id = $1")
            .bind(run.as_str())
            .bind(seq)
            .bind(LEFT_OUT)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("note what cannot be told"))
    }

    /// What was left out is to be told after all, of runs that were asked for since then. Returns of how many runs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell_again(&self, since_ms: i64) -> Result<u64, StoreError> {
        let _turn = self.turn_to_write().await;
        let again = "UPDATE runs SET tell_tries = 0, told_seq = 0 WHERE tell_tries = $1 AND requested_ms >= $2";
        sqlx::query(again)
            .bind(LEFT_OUT)
            .bind(since_ms)
            .execute(&self.pool)
            .await
            .map(|done| done.rows_affected())
            .map_err(failed_to("tell again what was left out"))
    }

    /// Telling people is tried, again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_tell_tries(&self, run: &RunId, tries: u32) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query("UPDATE runs SET tell_tries = $2 WHERE id = $1")
            .bind(run.as_str())
            .bind(i64::from(tries))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("note that telling is tried"))
    }
}
