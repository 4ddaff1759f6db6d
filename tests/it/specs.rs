//! Stories of `specs`.
