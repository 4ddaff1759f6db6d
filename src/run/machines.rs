//! The machine as the projects of one run need it: the same for each, but for the packages in its template.

use std::collections::BTreeMap;

use crate::domain::project::ProjectFolder;
use crate::rules::plan::Locks;

use super::machine::Machine;

/// One machine per project.
pub struct Machines {
    ours: Machine,
    theirs: BTreeMap<ProjectFolder, Machine>,
}

impl Machines {
    /// Of a run in which these projects have packages of their own.
    pub fn new(ours: Machine, theirs: BTreeMap<ProjectFolder, Machine>) -> Self {
        Self { ours, theirs }
    }

    /// The one with the packages of a project; ours where it has none of its own.
    pub fn of(&self, project: &ProjectFolder) -> &Machine {
        self.theirs.get(project).unwrap_or(&self.ours)
    }

    /// What tells apart with which tools a function was built.
    pub fn locks(&self) -> Locks {
        let lock = |machine: &Machine| machine.template.tools().lock.clone();
        let theirs = self.theirs.iter();
        Locks {
            ours: lock(&self.ours),
            theirs: theirs
                .map(|(project, machine)| (project.clone(), lock(machine)))
                .collect(),
        }
    }
}
