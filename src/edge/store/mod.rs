//! The database: inbox, queue, log, and what was signed and posted.
