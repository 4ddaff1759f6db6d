//! Whose key is whose.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use tokio::sync::Semaphore;

use super::attempt::Attempt;
use crate::domain::name::Digest;
use crate::domain::tape::Phase;

/// Who has a key, and what for.
#[derive(Debug, Clone)]
pub enum Holder {
    /// A phase of an attempt.
    Attempt(Arc<Attempt>, Phase),
    /// A compile, which only asks about sources; with places for its questions.
    Compile(Arc<Semaphore>),
}

impl Holder {
    /// Places for questions that are not for the API.
    pub fn asides(&self) -> &Arc<Semaphore> {
        match self {
            Self::Attempt(attempt, _) => &attempt.asides,
            Self::Compile(asides) => asides,
        }
    }
}

/// Which key is whose. Keyed by digest, so that comparing takes no time that tells anything.
#[derive(Debug, Default)]
pub struct Keys(RwLock<HashMap<Digest, Holder>>);

impl Keys {
    /// From now on a key of that holder.
    pub fn add(&self, key: &str, holder: Holder) {
        (self.0.write().unwrap_or_else(PoisonError::into_inner))
            .insert(Digest::of(key.as_bytes()), holder);
    }

    /// From now on nobody's.
    pub fn forget(&self, key: &str) {
        (self.0.write().unwrap_or_else(PoisonError::into_inner))
            .remove(&Digest::of(key.as_bytes()));
    }

    /// The key of a request, and whose it is.
    pub fn whose(&self, headers: &HeaderMap) -> Option<(String, Holder)> {
        let key = headers
            .get(AUTHORIZATION)?
            .to_str()
            .ok()?
            .strip_prefix("Bearer ")?;
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let holder = keys.get(&Digest::of(key.as_bytes()))?;
        Some((key.to_owned(), holder.clone()))
    }
}
