//! Opening the database, and what every part of the store stands on: transactions, the time.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard, broadcast};

use super::error::{StoreError, failed_to};
use crate::domain::limits;
use crate::domain::name::RunId;
use crate::os::clock::Now;
use crate::os::retry::{Pauses, Spread};

/// SQLite lets one connection write at a time; more than a few only wait for each other.
const SQLITE_CONNECTIONS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 10;
/// Two processes that open a new SQLite file at once both try to make the tables; the loser finds them on its next try.
const MIGRATION: Pauses = Pauses {
    first: Duration::from_millis(100),
    times: 4,
    spread: Spread::None,
};
/// Wake-ups that a slow reader of the log may miss before it is told so; it then reads from the database.
const WAKE_UPS: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

/// The database. Cheap to clone; all clones share connections and wake-ups.
#[derive(Clone)]
pub struct Store {
    pub(super) pool: AnyPool,
    pub(super) engine: Engine,
    pub(super) logged: broadcast::Sender<(RunId, i64)>,
    /// May hold a password.
    pub(super) url: Arc<str>,
    /// Whose turn it is to write, where one at a time can.
    writer: Option<Arc<Mutex<()>>>,
    now: Now,
}

impl Store {
    /// Opens the database at `database_url` (`sqlite:<path>` or `postgres://…`), makes the file and its folder when it
    /// is SQLite, and brings the tables up to date.
    ///
    /// # Errors
    /// When the address is of another kind, nothing answers within [`limits::STORE_SECONDS`], or the tables are of a
    /// newer version.
    pub async fn open(database_url: &str, now: Now) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let engine = engine_of(database_url)?;
        let url = match database_url.strip_prefix(SQLITE) {
            Some(path) => sqlite_url(path)?,
            None => database_url.to_owned(),
        };
        let pool = connect(engine, &url).await?;
        migrate(&pool).await?;
        Ok(Self {
            pool,
            engine,
            logged: broadcast::Sender::new(WAKE_UPS),
            url: url.into(),
            writer: (engine == Engine::Sqlite).then(Arc::default),
            now,
        })
    }

    /// Whether a database can have this address; it is not opened.
    ///
    /// # Errors
    /// [`StoreError::Scheme`], or [`StoreError::Open`] where the address itself is broken.
    pub fn check_url(database_url: &str) -> Result<(), StoreError> {
        let engine = "PostgreSQL";
        match engine_of(database_url)? {
            Engine::Sqlite => Ok(()),
            Engine::Postgres => database_url
                .parse::<sqlx::postgres::PgConnectOptions>()
                .map(drop)
                .map_err(|source| StoreError::Open { engine, source }),
        }
    }

    /// Whether the database at `database_url` answers us; nothing in it is made or changed, and a SQLite file need not be there.
    ///
    /// # Errors
    /// When it does not within `patience`.
    pub async fn reach(database_url: &str, patience: Duration) -> Result<(), StoreError> {
        sqlx::any::install_default_drivers();
        if engine_of(database_url)? == Engine::Sqlite {
            return Ok(());
        }
        let connected = tokio::time::timeout(patience, AnyConnection::connect(database_url)).await;
        let connected = connected.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        let engine = "PostgreSQL";
        let connection = connected.map_err(|source| StoreError::Open { engine, source })?;
        connection.close().await.map_err(failed_to("close"))
    }

    /// Closes all connections; what is under way is rolled back.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the database answers: for a health check.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1")
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(failed_to("answer"))
    }

    pub(super) fn now_ms(&self) -> i64 {
        (self.now)()
    }

    /// Waits until whoever writes is done, and keeps others from it until it is dropped: first come, first served, and before a
    /// connection is taken. SQLite itself lets writers sleep, longer each time, and those that sleep keep readers from a
    /// connection.
    pub(super) async fn turn_to_write(&self) -> Option<OwnedMutexGuard<()>> {
        let writer = self.writer.as_ref()?;
        Some(writer.clone().lock_owned().await)
    }

    /// A transaction that may write from its first statement on. SQLite refuses to turn a reading transaction into a
    /// writing one while somebody else writes, whatever the time-out, hence `IMMEDIATE`.
    pub(super) async fn transaction(&self) -> Result<Writing, StoreError> {
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        let turn = self.turn_to_write().await;
        let transaction = self.pool.begin_with(begin).await;
        Ok(Writing {
            transaction: transaction.map_err(failed_to("begin a transaction"))?,
            _turn: turn,
        })
    }
}

/// A transaction that writes. Dropped, it is rolled back.
pub(super) struct Writing {
    transaction: Transaction<'static, Any>,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Writing {
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        self.transaction.commit().await
    }
}

impl Deref for Writing {
    type Target = Transaction<'static, Any>;
    fn deref(&self) -> &Self::Target {
        &self.transaction
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.transaction
    }
}

const SQLITE: &str = "sqlite:";

fn engine_of(database_url: &str) -> Result<Engine, StoreError> {
    let is = |scheme: &str| database_url.starts_with(scheme);
    if is(SQLITE) {
        Ok(Engine::Sqlite)
    } else if is("postgres:") || is("postgresql:") {
        Ok(Engine::Postgres)
    } else {
        Err(StoreError::Scheme)
    }
}

/// The address with which sqlx makes the file, after its folder was made.
fn sqlite_url(rest: &str) -> Result<String, StoreError> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, "mode=rwc"));
    let path = path.strip_prefix("//").unwrap_or(path);
    if let Some(folder) = Path::new(path).parent() {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
            folder: folder.display().to_string(),
            source,
        })?;
    }
    Ok(format!("sqlite://{path}?{query}"))
}

async fn connect(engine: Engine, url: &str) -> Result<AnyPool, StoreError> {
    let (name, connections) = match engine {
        Engine::Sqlite => ("SQLite", SQLITE_CONNECTIONS),
        Engine::Postgres => ("PostgreSQL", POSTGRES_CONNECTIONS),
    };
    let open = |source| StoreError::Open {
        engine: name,
        source,
    };
    let patience = Duration::from_secs(limits::STORE_SECONDS);
    // A pool tries again until its patience ends and then only says so; one plain connection tells what is wrong.
    let first = tokio::time::timeout(patience, AnyConnection::connect(url)).await;
    let first = first.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    first.map_err(open)?.close().await.map_err(open)?;
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        .after_connect(move |connection, _| Box::pin(prepare(engine, connection)))
        .connect(url)
        .await
        .map_err(open)
}

/// What holds per connection and not per database.
async fn prepare(engine: Engine, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let settings = match engine {
        Engine::Sqlite => {
            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
             PRAGMA foreign_keys = ON"
        }
        Engine::Postgres => {
            "SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'"
        }
    };
    for statement in settings.split(';') {
        connection.execute(statement).await?;
    }
    Ok(())
}

async fn migrate(pool: &AnyPool) -> Result<(), StoreError> {
    let migrator = sqlx::migrate!("src/edge/store/migrations");
    let mut pauses = MIGRATION.begin();
    loop {
        match (migrator.run(pool).await, pauses.next()) {
            (Ok(()), _) => return Ok(()),
            (Err(_), Some(pause)) => tokio::time::sleep(pause).await,
            (Err(source), None) => return Err(StoreError::Migrate { source }),
        }
    }
}
