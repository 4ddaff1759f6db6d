//! Stories of `store`.
