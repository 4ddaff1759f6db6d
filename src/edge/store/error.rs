//! What can go wrong with the database.

use crate::domain::limits;

/// Why the database did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is of another kind of database.
    #[error(
        "the address of the database begins with neither `sqlite:` nor `postgres:`; leave DATABASE_URL unset for a file in the state folder"
    )]
    Scheme,
    /// The folder of the SQLite file cannot be made.
    #[error("the folder of the database, {folder}, cannot be created: {source}")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
    /// No connection.
    #[error("the {engine} database of DATABASE_URL cannot be opened: {source}")]
    Open {
        /// `SQLite` or `PostgreSQL`. The address itself may hold a password and is never shown.
        engine: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// The tables could not be made or brought up to date.
    #[error(
        "the tables of the database cannot be brought up to date: {source}; a database of a newer Countersign needs that version"
    )]
    Migrate {
        /// Why.
        source: sqlx::migrate::MigrateError,
    },
    /// A statement failed.
    #[error("the database could not {what}: {source}")]
    Statement {
        /// For a person: `claim a job`.
        what: &'static str,
        /// Why.
        source: sqlx::Error,
    },
    /// Something in it is not what this version writes.
    #[error("the database holds {what} that this version cannot read: {why}")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Why.
        why: String,
    },
}

/// For `map_err`: a statement that should have done `what`.
pub(super) fn failed_to(what: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |source| StoreError::Statement { what, source }
}

/// For `map_err`: a value of the database that does not parse.
pub(super) fn unreadable<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> StoreError {
    move |error| StoreError::Unreadable {
        what,
        why: error.to_string(),
    }
}

/// Whether two writers met at something that must be unique; the loser looks again.
pub(super) fn is_conflict(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation())
}

/// A text as the database takes it: bounded, and without NUL, which PostgreSQL refuses.
pub(super) fn note(text: &str) -> String {
    text.chars()
        .filter(|c| *c != '\0')
        .take(limits::NOTE_CHARS)
        .collect()
}
