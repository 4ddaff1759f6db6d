//! What can go wrong with the database.

use std::path::PathBuf;

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
    /// One process works on a database at a time.
    #[error(
        "another Countersign works on this database; end that one, or give this one a database of its own (--state-dir, or DATABASE_URL)"
    )]
    Taken,
    /// The file that says who works on a database cannot be made.
    #[error("{} cannot be locked: {source}", file.display())]
    Lock {
        /// Which.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A statement failed.
    #[error("the database could not {what}: {source}")]
    Statement {
        /// For a person: `take a run up`.
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

/// PostgreSQL's word for a session that its server ended, or did not begin because it is starting: class 57P, operator
/// intervention. Source: PostgreSQL's documentation, appendix "PostgreSQL Error Codes".
const SERVER_GOES: &str = "57P";

impl StoreError {
    /// Whether the connection broke, so that nobody has said what became of the statement.
    pub(super) fn is_lost(&self) -> bool {
        let StoreError::Statement { source, .. } = self else {
            return false;
        };
        match source {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => true,
            sqlx::Error::Database(error) => error
                .code()
                .is_some_and(|code| code.starts_with(SERVER_GOES)),
            _ => false,
        }
    }
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

/// A text as the database takes it: bounded, and without NUL, which PostgreSQL refuses.
pub(super) fn note(text: &str) -> String {
    text.chars()
        .filter(|c| *c != '\0')
        .take(limits::NOTE_CHARS)
        .collect()
}
