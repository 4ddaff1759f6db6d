//! Stories of `github`.
