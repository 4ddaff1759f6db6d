//! A dossier makes a verdict.

pub mod red_flags;
