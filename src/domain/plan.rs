//! What a run is going to do.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::name::{Digest, InteractionKey};
use super::spec::{Kind, Spec};

/// That an interaction was countersigned on a pull request, and with what: lets a later run carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The interaction.
    pub interaction: InteractionKey,
    /// What went into it: see [`crate::rules::plan::fingerprint`].
    pub fingerprint: Digest,
    /// The dossier that holds the function.
    pub dossier: Digest,
}

/// What happens to one interaction in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "lowercase")]
pub enum Step {
    /// An agent writes it.
    Build {
        /// What is wanted.
        spec: Spec,
        /// What goes into it, for [`Signed`].
        fingerprint: Digest,
    },
    /// It was countersigned before from the same things; it is put in again as it was.
    Carry {
        /// What is wanted.
        spec: Spec,
        /// What was signed.
        signed: Signed,
    },
    /// It was countersigned before, and the branch has another function now: a person's work, which is left alone.
    Edited {
        /// What is wanted.
        spec: Spec,
        /// What was signed.
        signed: Signed,
    },
    /// The function was there before its spec: a person's work, which is left alone until somebody asks for it.
    Adopted {
        /// What is wanted.
        spec: Spec,
    },
    /// Its spec is gone, so its function goes.
    Remove {
        /// The interaction.
        key: InteractionKey,
        /// Its kind, from the spec on the base; decides which files go.
        kind: Kind,
    },
}

impl Step {
    /// The interaction it is about.
    pub fn key(&self) -> &InteractionKey {
        match self {
            Step::Build { spec, .. }
            | Step::Carry { spec, .. }
            | Step::Edited { spec, .. }
            | Step::Adopted { spec } => &spec.key,
            Step::Remove { key, .. } => key,
        }
    }
}

/// All of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// By interaction, in order.
    pub steps: Vec<Step>,
    /// What is wrong with specs and settings, at their lines. Valid specs are built all the same.
    pub problems: Vec<Finding>,
}
