//! What a run is going to do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::decision::Skipped;
use super::finding::Finding;
use super::name::{Digest, InteractionKey};
use super::project::{ProjectFolder, Projects};
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

/// Where a function is, or was: whose, of what kind, and in which project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Placed {
    /// The interaction.
    pub key: InteractionKey,
    /// What it is to Nango; decides which files are its.
    pub kind: Kind,
    /// The project. Logs of before do not say: there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectFolder>,
}

impl Placed {
    /// Where a spec wants it.
    pub fn of(spec: &Spec) -> Self {
        Self {
            key: spec.key.clone(),
            kind: spec.kind,
            project: spec.project.clone(),
        }
    }
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
    /// It was committed before, and a person took it off the branch again: it stays away until somebody asks for it.
    TakenBack {
        /// What is wanted.
        spec: Spec,
    },
    /// Somebody wants it left alone on this pull request.
    Skipped {
        /// What is wanted.
        spec: Spec,
        /// Who, and why.
        skipped: Skipped,
    },
    /// Its spec is as at the merge base again, and the branch still has what was made for another text: its files go back too.
    Restore(
        /// As the spec has it.
        Placed,
    ),
    /// Its spec is gone, so its function goes.
    Remove(
        /// As the spec on the base has it.
        Placed,
    ),
}

impl Step {
    /// The interaction it is about.
    pub fn key(&self) -> &InteractionKey {
        match self {
            Step::Build { spec, .. }
            | Step::Carry { spec, .. }
            | Step::Edited { spec, .. }
            | Step::Adopted { spec }
            | Step::TakenBack { spec }
            | Step::Skipped { spec, .. } => &spec.key,
            Step::Restore(placed) | Step::Remove(placed) => &placed.key,
        }
    }

    /// What is wanted, unless the spec is gone.
    pub fn spec(&self) -> Option<&Spec> {
        match self {
            Step::Build { spec, .. }
            | Step::Carry { spec, .. }
            | Step::Edited { spec, .. }
            | Step::Adopted { spec }
            | Step::TakenBack { spec }
            | Step::Skipped { spec, .. } => Some(spec),
            Step::Restore(_) | Step::Remove(_) => None,
        }
    }

    /// The project in which it happens, when it says one.
    pub fn project(&self) -> Option<&ProjectFolder> {
        match self {
            Step::Restore(placed) | Step::Remove(placed) => placed.project.as_ref(),
            step => step.spec().and_then(|spec| spec.project.as_ref()),
        }
    }
}

/// All of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// By interaction, in order.
    pub steps: Vec<Step>,
    /// Where functions of these steps were before their specs named another project. They go when the function is in its
    /// new place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Placed>,
    /// What is wrong with specs and settings, at their lines. Valid specs are built all the same.
    pub problems: Vec<Finding>,
}

impl Plan {
    /// The projects of a repository in which anything happens.
    pub fn projects(&self, all: &Projects) -> BTreeSet<ProjectFolder> {
        let steps = self.steps.iter().map(Step::project);
        let moved = self.moved.iter().map(|placed| placed.project.as_ref());
        let said = steps.chain(moved);
        said.map(|said| all.of(said).clone()).collect()
    }

    /// What is to be built for an interaction, when anything is.
    pub fn to_build(&self, interaction: &InteractionKey) -> Option<(&Spec, &Digest)> {
        self.steps.iter().find_map(|step| match step {
            Step::Build { spec, fingerprint } if &spec.key == interaction => {
                Some((spec, fingerprint))
            }
            _ => None,
        })
    }
}
