//! Stories of `git`.
