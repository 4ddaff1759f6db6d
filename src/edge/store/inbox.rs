//! The inbox: every webhook delivery is stored by its id before GitHub gets an answer, and worked off after that. GitHub
//! sends the same delivery again under the same id when somebody asks for it.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;

use crate::domain::delivery::Delivery;
use crate::domain::limits;

use super::error::{StoreError, failed_to, note, unreadable};
use super::open::Store;

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Stored; nobody has worked it off.
    Received,
    /// Worked off.
    Done,
    /// Worked off: it was not for us.
    Ignored,
    /// Given up after a fault; sending it again tries again.
    Failed,
}

impl DeliveryState {
    fn word(self) -> &'static str {
        match self {
            DeliveryState::Received => "received",
            DeliveryState::Done => "done",
            DeliveryState::Ignored => "ignored",
            DeliveryState::Failed => "failed",
        }
    }
    fn read(word: &str) -> Result<Self, StoreError> {
        [Self::Received, Self::Done, Self::Ignored, Self::Failed]
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or_else(|| unreadable("the state of a delivery")(format!("`{word}`")))
    }
}

/// What was known of a delivery when it came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// Nothing.
    New,
    /// It had come before and was this far.
    Known(DeliveryState),
}

/// A row of `deliveries`.
#[derive(sqlx::FromRow)]
struct StoredDelivery {
    id: String,
    event: String,
    body: String,
    state: String,
}

/// A delivery in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenDelivery {
    /// It.
    pub delivery: Delivery,
    /// How often it was taken up; this time counts.
    pub tries: u32,
    /// When it came in; milliseconds since the epoch.
    pub received_ms: i64,
}

#[derive(sqlx::FromRow)]
struct TakenRow {
    id: String,
    event: String,
    body: String,
    tries: i64,
    received_ms: i64,
}

impl Store {
    /// Whether a delivery has come, whatever became of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_received(&self, id: &str) -> Result<bool, StoreError> {
        let found: Option<String> = sqlx::query_scalar("SELECT id FROM deliveries WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(failed_to("look for a delivery"))?;
        Ok(found.is_some())
    }

    /// Stores a delivery. One that came before and was given up is to be worked off again.
    ///
    /// # Errors
    /// When the database fails; GitHub should then hear so, for the delivery is not stored.
    pub async fn receive(&self, delivery: &Delivery) -> Result<Receipt, StoreError> {
        let store = failed_to("store a delivery");
        let begun = Instant::now();
        let mut tx = self.transaction().await?;
        let waited = begun.elapsed();
        let inserted = sqlx::query(
            "INSERT INTO deliveries (id, event, body, state, note, received_ms)
            VALUES ($1, $2, $3, 'received', '', $4) ON CONFLICT (id) DO NOTHING",
        )
        .bind(delivery.id.as_str())
        .bind(delivery.event.as_str())
        .bind(delivery.body.as_str())
        .bind(self.now_ms())
        .execute(&mut **tx)
        .await
        .map_err(&store)?;
        let receipt = if inserted.rows_affected() > 0 {
            Receipt::New
        } else {
            // Touching the row holds back whoever receives or ends the same delivery at the same time.
            let touch = "UPDATE deliveries SET id = id WHERE id = $1 RETURNING state";
            let state: String = sqlx::query_scalar(touch)
                .bind(delivery.id.as_str())
                .fetch_one(&mut **tx)
                .await
                .map_err(&store)?;
            Receipt::Known(DeliveryState::read(&state)?)
        };
        if receipt == Receipt::Known(DeliveryState::Failed) {
            sqlx::query("UPDATE deliveries SET state = 'received', tries = 0, received_ms = $2 WHERE id = $1")
                .bind(delivery.id.as_str())
                .bind(self.now_ms())
                .execute(&mut **tx)
                .await
                .map_err(&store)?;
        }
        let written = begun.elapsed();
        tx.commit().await.map_err(&store)?;
        let took = begun.elapsed();
        if took > Duration::from_millis(limits::SLOW_WRITE_MS) {
            tracing::info!(?waited, written = ?written - waited, ended = ?took - written, "a delivery was stored slowly");
        }
        Ok(receipt)
    }

    /// Takes a delivery up that nobody has worked off; nothing when there is none of that id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_delivery(&self, id: &str) -> Result<Option<TakenDelivery>, StoreError> {
        let _turn = self.turn_to_write().await;
        let row: Option<TakenRow> = sqlx::query_as(
            "UPDATE deliveries SET tries = tries + 1 WHERE id = $1 AND state = 'received'
            RETURNING id, event, body, tries, received_ms",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await
        .map_err(failed_to("take a delivery up"))?;
        Ok(row.map(|row| TakenDelivery {
            delivery: Delivery {
                id: row.id,
                event: row.event,
                body: row.body,
            },
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
            received_ms: row.received_ms,
        }))
    }

    /// Puts a delivery down as if it had not been taken up: somebody else has to be waited for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_delivery_down(&self, id: &str) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        sqlx::query("UPDATE deliveries SET tries = tries - 1 WHERE id = $1 AND tries > 0")
            .bind(id)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("put a delivery down"))
    }

    /// A delivery by its id, and how far it has come.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delivery(
        &self,
        id: &str,
    ) -> Result<Option<(Delivery, DeliveryState)>, StoreError> {
        let row: Option<StoredDelivery> =
            sqlx::query_as("SELECT id, event, body, state FROM deliveries WHERE id = $1")
                .bind(id)
                .fetch_optional(&self.pool)
                .await
                .map_err(failed_to("read a delivery"))?;
        let read = |row: StoredDelivery| {
            let state = DeliveryState::read(&row.state)?;
            let StoredDelivery {
                id, event, body, ..
            } = row;
            Ok((Delivery { id, event, body }, state))
        };
        row.map(read).transpose()
    }

    /// Notes how the work on a delivery ended, with a few words for the operator. What was worked off is known by its id
    /// from then on; its body is not needed any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delivery_ended(
        &self,
        id: &str,
        state: DeliveryState,
        words: &str,
    ) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        let end = match state {
            DeliveryState::Done | DeliveryState::Ignored => {
                "UPDATE deliveries SET state = $2, note = $3, body = '' WHERE id = $1"
            }
            DeliveryState::Received | DeliveryState::Failed => {
                "UPDATE deliveries SET state = $2, note = $3 WHERE id = $1"
            }
        };
        sqlx::query(end)
            .bind(id)
            .bind(state.word())
            .bind(note(words))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("note the end of a delivery"))
    }

    /// Forgets deliveries that nobody will work off any more and of which `of_them` holds, by their bodies.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_deliveries(
        &self,
        of_them: impl Fn(&str) -> bool,
    ) -> Result<(), StoreError> {
        let forget = failed_to("forget deliveries");
        let mut deliveries = sqlx::query_as::<_, (String, String)>(
            "SELECT id, body FROM deliveries WHERE body <> '' AND state <> 'received'",
        )
        .fetch(&self.pool);
        let mut ids = Vec::new();
        while let Some((id, body)) = deliveries.try_next().await.map_err(&forget)? {
            if of_them(&body) {
                ids.push(id);
            }
        }
        drop(deliveries);
        for id in ids {
            let _turn = self.turn_to_write().await;
            sqlx::query("DELETE FROM deliveries WHERE id = $1")
                .bind(id)
                .execute(&self.pool)
                .await
                .map_err(&forget)?;
        }
        Ok(())
    }

    /// Forgets deliveries that nobody will work off any more, when they are older than `before_ms` (see
    /// [`crate::domain::limits::INBOX_DAYS`]), and the bodies of those that were worked off, which an earlier version kept.
    /// Returns how many were forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tidy(&self, before_ms: i64) -> Result<u64, StoreError> {
        let _turn = self.turn_to_write().await;
        let tidy = failed_to("tidy up");
        sqlx::query(
            "UPDATE deliveries SET body = '' WHERE state IN ('done', 'ignored') AND body <> ''",
        )
        .execute(&self.pool)
        .await
        .map_err(&tidy)?;
        sqlx::query("DELETE FROM deliveries WHERE received_ms < $1 AND state <> 'received'")
            .bind(before_ms)
            .execute(&self.pool)
            .await
            .map(|gone| gone.rows_affected())
            .map_err(&tidy)
    }
}
