//! What people decide by commands about single interactions and findings of a pull request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::guidance::Words;
use super::name::{Digest, InteractionKey};
use super::permission::Permission;

/// Interactions that are to be left alone on a pull request, as a command says it; who said it stands beside the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// Which; not empty.
    pub of: Vec<InteractionKey>,
    /// Why, at most [`super::limits::REASON_CHARS`].
    pub reason: Words,
}

/// A finding that is not to count, as a command says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrule {
    /// The finding's name.
    pub rule: String,
    /// Of what.
    pub interaction: InteractionKey,
    /// The evidence in which it was found. What is built anew is looked at anew.
    pub dossier: Digest,
    /// Why, at most [`super::limits::REASON_CHARS`].
    pub reason: Words,
}

/// All that one comment decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decisions {
    /// What whoever wrote it may do in the repository.
    pub role: Permission,
    /// What is left alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skips: Vec<Skip>,
    /// What does not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrules: Vec<Overrule>,
}

impl Default for Decisions {
    fn default() -> Self {
        Self {
            role: Permission::None,
            skips: Vec::new(),
            overrules: Vec::new(),
        }
    }
}

impl Decisions {
    /// Whether nothing is decided.
    pub fn is_empty(&self) -> bool {
        self.skips.is_empty() && self.overrules.is_empty()
    }
}

/// Dollars that builds of one run may use up, as a command says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Of these; of all when empty.
    pub of: Vec<InteractionKey>,
    /// Millionths of a dollar, for an attempt.
    pub micro_usd: u64,
}

impl Budget {
    /// In dollars.
    pub fn usd(&self) -> f64 {
        self.micro_usd as f64 / 1e6
    }
}

/// How somebody took an interaction out of a run that was under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "off", rename_all = "kebab-case")]
pub enum Off {
    /// For this run.
    Cancelled,
    /// For the pull request, until somebody asks for it by name.
    Skipped {
        /// Why.
        reason: Words,
    },
}

/// That an interaction is left alone on a pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Who said so: a login.
    pub by: String,
    /// Why. Untrusted text.
    pub reason: Words,
}

/// That a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruling {
    /// Who said so: a login.
    pub by: String,
    /// The finding's name.
    pub rule: String,
    /// Why. Untrusted text.
    pub reason: String,
}

/// The findings that do not count, by the dossiers in which they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrulings(BTreeMap<Digest, Vec<Overruling>>);

impl Overrulings {
    /// One more.
    pub fn add(&mut self, dossier: Digest, overruling: Overruling) {
        self.0.entry(dossier).or_default().push(overruling);
    }

    /// Those in a dossier, the oldest first.
    pub fn of(&self, dossier: &Digest) -> &[Overruling] {
        self.0.get(dossier).map_or(&[], Vec::as_slice)
    }
}
