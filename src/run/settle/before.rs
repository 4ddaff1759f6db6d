//! What functions were at the merge base, to go back to.

use crate::domain::limits;
use crate::domain::plan::{Placed, Step};
use crate::domain::project::ProjectFolder;
use crate::domain::spec::FunctionPaths;
use crate::domain::tree::Edits;
use crate::edge::git::GitError;
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

use super::settling::{InProject, Settling};

/// What brings functions back to what they were.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Their files, by paths from the repository's root.
    pub edits: Edits,
    /// Those that were not there.
    pub none: Vec<Placed>,
}

impl Settling<'_> {
    /// The functions of a project that are to be as they were.
    pub(super) fn restores(&self, project: &ProjectFolder) -> Vec<Placed> {
        let projects = &self.checkout.settings.projects;
        let steps = self.planned.plan.steps.iter();
        let restored = steps.filter_map(|step| match step {
            Step::Restore(placed) => Some(placed),
            _ => None,
        });
        restored
            .filter(|placed| projects.of(placed.project.as_ref()) == project)
            .cloned()
            .collect()
    }
}

impl InProject<'_> {
    /// What they were at the merge base.
    pub(super) async fn before(&self, functions: Vec<Placed>) -> Result<Before, Fault> {
        let (checkout, project) = (self.run.checkout.clone(), self.project.clone());
        blocking(move || {
            let mut before = Before::default();
            for placed in functions {
                let paths = FunctionPaths::of(&placed.key, placed.kind);
                let read = |path: &str| {
                    let (at, most) = (&checkout.merge_base, limits::EVIDENCE_FILE_BYTES);
                    match checkout.mirror.read(at, path, most) {
                        // No file of a kind that we would have written over.
                        Err(GitError::NotAFile { .. } | GitError::TooMuch { .. }) => Ok(None),
                        other => other,
                    }
                };
                if read(&project.path(&paths.function))?.is_none() {
                    before.none.push(placed);
                    continue;
                }
                for path in [paths.function, paths.recording, paths.test] {
                    let path = project.path(&path);
                    let content = read(&path)?;
                    before.edits.insert(path, content);
                }
            }
            Ok::<_, GitError>(before)
        })
        .await?
        .map_err(|e| Fault::passing("read what functions were", e))
    }
}
