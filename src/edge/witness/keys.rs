//! Whose key is whose.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::attempt::Attempt;
use crate::domain::name::Digest;
use crate::domain::tape::Phase;

/// Which key is whose. Keyed by digest, so that comparing takes no time that tells anything.
#[derive(Debug, Default)]
pub struct Keys(RwLock<HashMap<Digest, (Arc<Attempt>, Phase)>>);

impl Keys {
    /// From now on a key of the attempt in that phase.
    pub fn add(&self, key: &str, attempt: &Arc<Attempt>, phase: Phase) {
        (self.0.write().unwrap_or_else(PoisonError::into_inner))
            .insert(Digest::of(key.as_bytes()), (Arc::clone(attempt), phase));
    }

    /// From now on nobody's.
    pub fn forget(&self, key: &str) {
        (self.0.write().unwrap_or_else(PoisonError::into_inner))
            .remove(&Digest::of(key.as_bytes()));
    }

    /// The key of a request, and whose it is.
    pub fn whose(&self, headers: &HeaderMap) -> Option<(String, Arc<Attempt>, Phase)> {
        let key = headers
            .get(AUTHORIZATION)?
            .to_str()
            .ok()?
            .strip_prefix("Bearer ")?;
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (attempt, phase) = keys.get(&Digest::of(key.as_bytes()))?;
        Some((key.to_owned(), Arc::clone(attempt), *phase))
    }
}
