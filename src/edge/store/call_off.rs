//! Taking single interactions out of a run that is under way.

use super::error::{StoreError, failed_to};
use super::log::{ASKED_TO_STOP, AppendError};
use super::open::Store;
use crate::domain::decision::Off;
use crate::domain::event::Event;
use crate::domain::name::{InteractionKey, RunId};

/// What somebody wants taken out.
#[derive(Debug, Clone)]
pub struct CallOff {
    /// Which.
    pub interaction: InteractionKey,
    /// Who wants it: a login.
    pub by: String,
    /// The comment that says so.
    pub comment: u64,
    /// How.
    pub off: Off,
}

impl Store {
    /// Takes an interaction out of a run. What a comment has taken out already stays as it is.
    ///
    /// # Errors
    /// [`AppendError::Over`] when the run has ended; when there is no such run, or the database fails.
    pub async fn call_off(&self, run: &RunId, what: CallOff) -> Result<(), AppendError> {
        let failed = failed_to("take an interaction out of a run");
        let mut tx = self.transaction().await?;
        let taken = sqlx::query(
            "INSERT INTO called_off (run, interaction, comment) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(run.as_str())
        .bind(what.interaction.to_string())
        .bind(what.comment as i64)
        .execute(&mut **tx)
        .await
        .map_err(&failed)?;
        if taken.rows_affected() == 0 {
            return Ok(());
        }
        let CallOff {
            interaction,
            by,
            comment,
            off,
        } = what;
        let event = Event::CalledOff {
            interaction,
            by,
            comment,
            off,
        };
        let logged = self.append_in(&mut tx, run, event).await?;
        tx.commit().await.map_err(&failed)?;
        self.tell(run, logged.seq);
        self.tell(run, ASKED_TO_STOP);
        Ok(())
    }

    /// Whether somebody took an interaction out of a run.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_called_off(
        &self,
        run: &RunId,
        interaction: &InteractionKey,
    ) -> Result<bool, StoreError> {
        let found: Option<i64> = sqlx::query_scalar(
            "SELECT comment FROM called_off WHERE run = $1 AND interaction = $2 LIMIT 1",
        )
        .bind(run.as_str())
        .bind(interaction.to_string())
        .fetch_optional(&self.pool)
        .await
        .map_err(failed_to("look whether a build is still wanted"))?;
        Ok(found.is_some())
    }
}
