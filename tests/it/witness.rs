//! Stories of `witness`.
