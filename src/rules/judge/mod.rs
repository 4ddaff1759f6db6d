//! A dossier makes a verdict.
