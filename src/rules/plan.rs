//! Which interactions are built, carried, removed.
