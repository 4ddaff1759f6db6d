//! The fence: who may write of a run, and of one build in it that another machine may have.

use sqlx::{Any, Transaction};

use super::error::{StoreError, failed_to};
use super::open::Store;
use crate::domain::name::{InteractionKey, RunId};

/// A run, or a build of one, in the hands of whoever took it up last. Everybody who took it up before writes nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The run.
    pub run: RunId,
    pub(super) of: Of,
    /// Grows with each time that it is taken up.
    pub(super) fence: i64,
}

/// What is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Of {
    /// The run itself.
    Run,
    /// The build of one interaction; it goes on whoever has the run.
    Build(InteractionKey),
}

impl Store {
    /// Takes the build of one interaction up; nothing when its run is over, or gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_up_build(
        &self,
        run: &RunId,
        interaction: &InteractionKey,
    ) -> Result<Option<Hold>, StoreError> {
        let _turn = self.turn_to_write().await;
        let fence: Option<i64> = sqlx::query_scalar(
            "INSERT INTO builds (run, interaction, fence)
            SELECT id, $2, 1 FROM runs WHERE id = $1 AND ended_ms IS NULL
            ON CONFLICT (run, interaction) DO UPDATE SET fence = builds.fence + 1 RETURNING fence",
        )
        .bind(run.as_str())
        .bind(interaction.to_string())
        .fetch_optional(&self.pool)
        .await
        .map_err(failed_to("take a build up"))?;
        Ok(fence.map(|fence| Hold {
            run: run.clone(),
            of: Of::Build(interaction.clone()),
            fence,
        }))
    }

    /// Counts that a build could not go on, and says how often that was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_fault(&self, hold: &Hold) -> Result<u32, StoreError> {
        let _turn = self.turn_to_write().await;
        let Of::Build(interaction) = &hold.of else {
            return Ok(0);
        };
        let faults: Option<i64> = sqlx::query_scalar(
            "UPDATE builds SET faults = faults + 1
            WHERE run = $1 AND interaction = $2 AND fence = $3 RETURNING faults",
        )
        .bind(hold.run.as_str())
        .bind(interaction.to_string())
        .bind(hold.fence)
        .fetch_optional(&self.pool)
        .await
        .map_err(failed_to("count a fault"))?;
        Ok(faults.map_or(0, |faults| u32::try_from(faults).unwrap_or(u32::MAX)))
    }

    /// Whether `hold` is still the newest of its build, and sees to it that it stays so until `tx` ends.
    pub(super) async fn keep_build(
        &self,
        tx: &mut Transaction<'static, Any>,
        hold: &Hold,
        interaction: &InteractionKey,
    ) -> Result<bool, StoreError> {
        let kept = sqlx::query(
            "UPDATE builds SET fence = fence WHERE run = $1 AND interaction = $2 AND fence = $3",
        )
        .bind(hold.run.as_str())
        .bind(interaction.to_string())
        .bind(hold.fence)
        .execute(&mut **tx)
        .await
        .map_err(failed_to("write the log"))?;
        Ok(kept.rows_affected() > 0)
    }
}
