//! What was posted where, so that a report is changed instead of posted twice, and left alone when nothing changed.

use super::error::{StoreError, failed_to};
use super::open::Store;

/// Something that was posted.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Posted {
    /// The other side's id of it.
    pub remote_id: String,
    /// Of what it says; the same digest need not be posted again.
    pub digest: String,
}

impl Store {
    /// What was posted about `subject` (a run's id or a place) on `surface` (`check`, `review`, `summary`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn posted(&self, subject: &str, surface: &str) -> Result<Option<Posted>, StoreError> {
        sqlx::query_as("SELECT remote_id, digest FROM posted WHERE subject = $1 AND surface = $2")
            .bind(subject)
            .bind(surface)
            .fetch_optional(&self.pool)
            .await
            .map_err(failed_to("read what was posted"))
    }

    /// Notes what was posted about `subject` on `surface`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_posted(
        &self,
        subject: &str,
        surface: &str,
        posted: &Posted,
    ) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query(
            "INSERT INTO posted (subject, surface, remote_id, digest) VALUES ($1, $2, $3, $4)
            ON CONFLICT (subject, surface) DO UPDATE SET remote_id = excluded.remote_id,
                digest = excluded.digest",
        )
        .bind(subject)
        .bind(surface)
        .bind(posted.remote_id.as_str())
        .bind(posted.digest.as_str())
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(failed_to("note what was posted"))
    }
}
