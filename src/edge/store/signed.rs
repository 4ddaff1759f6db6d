//! What was countersigned on a place, and with what: lets a later run carry it.

use super::error::{StoreError, failed_to, unreadable};
use super::open::Store;
use crate::domain::name::InteractionKey;
use crate::domain::plan::Signed;

/// A row of `signed`.
#[derive(sqlx::FromRow)]
struct StoredSignature {
    interaction: String,
    fingerprint: String,
    dossier: String,
}

impl StoredSignature {
    fn read(self) -> Result<Signed, StoreError> {
        let digest = |text: String| text.parse().map_err(unreadable("a digest"));
        let interaction = self.interaction.parse();
        Ok(Signed {
            interaction: interaction.map_err(unreadable("an interaction's name"))?,
            fingerprint: digest(self.fingerprint)?,
            dossier: digest(self.dossier)?,
        })
    }
}

impl Store {
    /// Notes that an interaction was countersigned on `place`; replaces what was noted of it before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign(&self, place: &str, signed: &Signed) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query(
            "INSERT INTO signed (place, interaction, fingerprint, dossier) VALUES ($1, $2, $3, $4)
            ON CONFLICT (place, interaction) DO UPDATE SET fingerprint = excluded.fingerprint,
                dossier = excluded.dossier",
        )
        .bind(place)
        .bind(signed.interaction.to_string())
        .bind(signed.fingerprint.as_str())
        .bind(signed.dossier.as_str())
        .execute(&self.pool)
        .await
        .map(drop)
        .map_err(failed_to("note a signature"))
    }

    /// All that is countersigned on `place`, by interaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn signed(&self, place: &str) -> Result<Vec<Signed>, StoreError> {
        let rows: Vec<StoredSignature> = sqlx::query_as(
            "SELECT interaction, fingerprint, dossier FROM signed WHERE place = $1 ORDER BY interaction",
        )
        .bind(place)
        .fetch_all(&self.pool)
        .await
        .map_err(failed_to("read signatures"))?;
        rows.into_iter().map(StoredSignature::read).collect()
    }

    /// Forgets that an interaction was countersigned on `place`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unsign(&self, place: &str, key: &InteractionKey) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query("DELETE FROM signed WHERE place = $1 AND interaction = $2")
            .bind(place)
            .bind(key.to_string())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("forget a signature"))
    }
}
