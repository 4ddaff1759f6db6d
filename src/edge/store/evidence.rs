//! Which evidence the logs name, so that what no run needs any more can go.

use futures_util::TryStreamExt as _;

use super::error::{StoreError, failed_to};
use super::open::Store;
use crate::domain::name::Digest;
use crate::domain::retention::{Named, Of, Old};

/// Whether a run is one of those, with the values of [`Bounds`]; PostgreSQL wants to know of what type an absent one is.
macro_rules! is_old {
    () => {
        "(r.ended_ms IS NOT NULL AND r.ended_ms < $1
        AND (CAST($2 AS TEXT) IS NULL OR r.place = CAST($2 AS TEXT))
        AND (CAST($3 AS TEXT) IS NULL OR r.repo = CAST($3 AS TEXT))
        AND (CAST($4 AS BIGINT) IS NULL OR r.installation = CAST($4 AS BIGINT)))"
    };
}

/// The places of which a run is among those, and no run is another.
macro_rules! old_places {
    () => {
        concat!(
            "(SELECT r.place FROM runs r GROUP BY r.place HAVING COUNT(*) = SUM(CASE WHEN ",
            is_old!(),
            " THEN 1 ELSE 0 END))"
        )
    };
}

/// An event and whether its run is old.
#[derive(sqlx::FromRow)]
struct NamingEvent {
    old: i64,
    event: String,
}

/// The values of a statement.
struct Bounds<'a> {
    before_ms: i64,
    place: Option<&'a str>,
    repo: Option<&'a str>,
    installation: Option<i64>,
}

impl<'a> Bounds<'a> {
    fn of(old: &'a Old) -> Self {
        let (mut place, mut repo, mut installation) = (None, None, None);
        match &old.of {
            Of::All => {}
            Of::Place(of) => place = Some(of.as_str()),
            Of::Repo(of) => repo = Some(of.as_str()),
            Of::Installation(of) => installation = Some(of.cast_signed()),
        }
        Self {
            before_ms: old.before_ms,
            place,
            repo,
            installation,
        }
    }
}

impl Store {
    /// Forgets what was signed where only old runs are: nothing is carried from there any more, but built again. Done
    /// before its evidence goes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unsign_old(&self, old: &Old) -> Result<(), StoreError> {
        let _turn = self.turn_to_write().await;
        let bounds = Bounds::of(old);
        sqlx::query(concat!("DELETE FROM signed WHERE place IN ", old_places!()))
            .bind(bounds.before_ms)
            .bind(bounds.place.map(str::to_owned))
            .bind(bounds.repo.map(str::to_owned))
            .bind(bounds.installation)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("forget old signatures"))
    }

    /// What the logs of all runs name, and what was signed where not only old runs are. Everything that looks like a
    /// digest counts, so that no event is forgotten that names evidence in a way of its own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn evidence(&self, old: &Old) -> Result<Named, StoreError> {
        let list = failed_to("list evidence");
        let bounds = Bounds::of(old);
        let mut named = Named::default();
        let mut events = sqlx::query_as::<_, NamingEvent>(concat!(
            "SELECT CASE WHEN ",
            is_old!(),
            " THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS old, e.event
            FROM runs r JOIN events e ON e.run = r.id
            WHERE e.event NOT LIKE '{\"event\":\"doing\",%'"
        ))
        .bind(bounds.before_ms)
        .bind(bounds.place.map(str::to_owned))
        .bind(bounds.repo.map(str::to_owned))
        .bind(bounds.installation)
        .fetch(&self.pool);
        while let Some(row) = events.try_next().await.map_err(&list)? {
            let digests = Digest::named_in(&row.event);
            match row.old {
                0 => named.staying.extend(digests),
                _ => named.going.extend(digests),
            }
        }
        let signed: Vec<String> = sqlx::query_scalar(concat!(
            "SELECT dossier FROM signed WHERE place NOT IN ",
            old_places!()
        ))
        .bind(bounds.before_ms)
        .bind(bounds.place.map(str::to_owned))
        .bind(bounds.repo.map(str::to_owned))
        .bind(bounds.installation)
        .fetch_all(&self.pool)
        .await
        .map_err(&list)?;
        let signed = signed.iter().flat_map(|text| Digest::named_in(text));
        named.staying.extend(signed);
        Ok(named)
    }
}
