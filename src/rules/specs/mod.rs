//! Specs and settings: from YAML to nouns, with errors that name the place.
