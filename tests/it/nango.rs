//! Stories of `nango`.
