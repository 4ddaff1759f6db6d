//! Who works on a database: one process, or many that an engine brings together, and never both. SQLite: a lock on a file
//! beside it, which the kernel takes away when the process dies. PostgreSQL: an advisory lock of a connection, which the server
//! takes away when that is gone.

use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _};
use tokio::time::Instant;

use super::error::{StoreError, failed_to};
use super::open::{Engine, Store};
use crate::domain::limits;
use crate::os::files::{self, NotLocked};

/// The number of our lock, among all that programs may have in one PostgreSQL database: `csign` in letters.
const ADVISORY: i64 = 0x63_7369_676e;

/// How often it is looked whether the lock is free, or still ours.
const LOOK: Duration = Duration::from_secs(2);

/// Who else may work on a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// Nobody.
    None,
    /// Those who say the same; a SQLite file has one process all the same.
    Many,
}

/// Keeps others out until it is dropped.
pub struct DatabaseLock {
    held: Held,
    company: Company,
    store: Store,
}

enum Held {
    File(#[expect(dead_code, reason = "it is held, and not looked at")] File),
    /// Held as long as the connection lives.
    Session(Box<AnyConnection>),
}

impl Store {
    /// Waits until nobody works on this database who cannot beside us, as long as `patience` lasts, and keeps them out from
    /// then on.
    ///
    /// # Errors
    /// [`StoreError::Taken`], or when the database fails.
    pub async fn lock(
        &self,
        company: Company,
        patience: Duration,
    ) -> Result<DatabaseLock, StoreError> {
        let until = Instant::now() + patience;
        loop {
            match self.try_lock(company).await {
                Err(StoreError::Taken) if Instant::now() < until => {
                    tracing::info!("another process works on this database; waiting for its end");
                    tokio::time::sleep(LOOK).await;
                }
                Err(error) => return Err(error),
                Ok(held) => {
                    let store = self.clone();
                    return Ok(DatabaseLock {
                        held,
                        company,
                        store,
                    });
                }
            }
        }
    }

    async fn try_lock(&self, company: Company) -> Result<Held, StoreError> {
        match self.engine {
            Engine::Sqlite => {
                let file = self.lock_path();
                let locked = files::lock(&file, Duration::ZERO, || ());
                locked.map(Held::File).map_err(|why| match why {
                    NotLocked::Busy => StoreError::Taken,
                    NotLocked::Create(source) | NotLocked::Lock(source) => {
                        StoreError::Lock { file, source }
                    }
                })
            }
            Engine::Postgres => self.lock_session(company).await,
        }
    }

    fn lock_path(&self) -> PathBuf {
        let path = self.url.trim_start_matches("sqlite://");
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        PathBuf::from(format!("{path}.lock"))
    }

    async fn lock_session(&self, company: Company) -> Result<Held, StoreError> {
        let failed = failed_to("be locked");
        let connecting = AnyConnection::connect(&self.url);
        let mut connection = connecting.await.map_err(&failed)?;
        let lock = match company {
            Company::None => {
                "SELECT CASE WHEN pg_try_advisory_lock($1) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END"
            }
            Company::Many => {
                "SELECT CASE WHEN pg_try_advisory_lock_shared($1) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END"
            }
        };
        let got: i64 = sqlx::query_scalar(lock)
            .bind(ADVISORY)
            .fetch_one(&mut connection)
            .await
            .map_err(&failed)?;
        match got {
            0 => Err(StoreError::Taken),
            _ => Ok(Held::Session(Box::new(connection))),
        }
    }
}

impl DatabaseLock {
    /// Returns when another process has the lock: after a restart of PostgreSQL whoever comes first gets it. What we wrote
    /// until then is whole, and a run that the other takes up takes nothing more from us.
    pub async fn lost(&mut self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let Held::Session(connection) = &mut self.held else {
                continue;
            };
            let patience = Duration::from_secs(limits::STORE_SECONDS);
            if let Ok(Ok(())) = tokio::time::timeout(patience, connection.ping()).await {
                continue;
            }
            match self.store.try_lock(self.company).await {
                Ok(held) => self.held = held,
                Err(StoreError::Taken) => return,
                Err(error) => tracing::warn!(%error, "the database does not answer"),
            }
        }
    }
}
