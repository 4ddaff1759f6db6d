//! When something was looked at last, by whichever process.

use super::error::{StoreError, failed_to};
use super::open::Store;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// What GitHub has sent, for what did not arrive.
    Deliveries,
}

impl Look {
    fn word(self) -> &'static str {
        match self {
            Look::Deliveries => "deliveries",
        }
    }
}

impl Store {
    /// When it was looked at last; milliseconds since the epoch.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn looked(&self, what: Look) -> Result<Option<i64>, StoreError> {
        sqlx::query_scalar("SELECT at_ms FROM looks WHERE what = $1")
            .bind(what.word())
            .fetch_optional(&self.pool)
            .await
            .map_err(failed_to("read when something was looked at"))
    }

    /// It was looked at then, unless somebody has looked later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_looked(&self, what: Look, at_ms: i64) -> Result<(), StoreError> {
        let failed = failed_to("write when something was looked at");
        let mut tx = self.transaction().await?;
        sqlx::query(
            "INSERT INTO looks (what, at_ms) VALUES ($1, $2)
            ON CONFLICT (what) DO UPDATE SET at_ms = EXCLUDED.at_ms WHERE looks.at_ms < EXCLUDED.at_ms",
        )
        .bind(what.word())
        .bind(at_ms)
        .execute(&mut **tx)
        .await
        .map_err(&failed)?;
        tx.commit().await.map_err(&failed)
    }
}
