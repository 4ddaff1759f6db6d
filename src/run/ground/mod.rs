//! The ground that agents begin on: the project as it stands at the head.

mod beginning;

use crate::domain::ground::Ground;
use crate::domain::history::History;
use crate::domain::pull::Cause;
use crate::domain::spec::Spec;
use crate::edge::blobs::Dossiers;
use crate::edge::git::GitError;
use crate::edge::nango::{Contents, scaffold};

use beginning::{Beginnings, Begins};

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;

/// What all builds of a run begin on.
#[derive(Debug, Clone)]
pub struct GroundOfRun {
    beginnings: Beginnings,
}

impl GroundOfRun {
    /// Of a run with this cause; `history` is that of its pull request.
    pub fn new(checkout: &Checkout, history: &History, cause: &Cause) -> Self {
        let beginnings = Beginnings {
            checkout: checkout.clone(),
            history: history.clone(),
            start: cause.start().clone(),
            asked_by: cause.asked_by().map(str::to_owned),
        };
        Self { beginnings }
    }

    /// What an attempt at `spec` begins on.
    ///
    /// # Errors
    /// When the commits cannot be read.
    pub async fn of(&self, spec: &Spec, dossiers: &Dossiers) -> Result<Laid, Fault> {
        let (here, spec, dossiers) = (self.clone(), spec.clone(), dossiers.clone());
        let laid = blocking(move || {
            let begins = here.beginnings.look(&spec, &dossiers)?;
            Ok::<_, GitError>(Laid { begins })
        });
        laid.await?
            .map_err(|e| Fault::passing("read the project at the head", e))
    }
}

/// What one attempt begins on, with the contents.
#[derive(Debug, Clone)]
pub struct Laid {
    begins: Begins,
}

impl Laid {
    /// What the function is at first.
    pub fn begins_from(&self, spec: &Spec) -> Vec<u8> {
        match self.begins.given() {
            Some(source) => source.to_vec(),
            None => scaffold(spec).into_bytes(),
        }
    }

    /// What the agent is told of it.
    pub fn told(&self) -> Ground {
        Ground {
            beginning: self.begins.beginning.clone(),
            change: self.begins.change.clone(),
        }
    }

    /// What of it is evidence besides what lies in the workspace.
    pub fn contents(&self) -> Contents {
        let former = self.begins.beginning.former().cloned();
        former.into_iter().zip(self.begins.source.clone()).collect()
    }
}
