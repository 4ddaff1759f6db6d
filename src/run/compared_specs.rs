//! The specs of a pull request, before and now.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::limits;
use crate::domain::name::{InteractionKey, Sha};
use crate::domain::plan::Placed;
use crate::domain::project::ProjectFolder;
use crate::domain::spec::{FunctionPaths, Spec};
use crate::edge::git::{ChangeStatus, GitError};
use crate::rules::specs::{Checked, SourceFile, check};

use super::fetch::Checkout;
use super::sources;

/// The specs at the head and at the merge base, and what is different.
pub(super) struct ComparedSpecs {
    /// At the head.
    pub now: Checked,
    /// At the merge base.
    pub before: Checked,
    /// What is different.
    pub changed: ChangedPaths,
    /// Interactions whose spec is new, while their function is as the merge base has it.
    pub adopted: BTreeSet<InteractionKey>,
    /// Functions that this pull request brought and whose spec it took away again.
    pub left: BTreeSet<Placed>,
    /// Functions in a project that their specs named before, at the merge base or in an earlier run.
    pub moved: BTreeSet<Placed>,
}

impl ComparedSpecs {
    /// Reads and compares. `begun` is what earlier runs of the pull request were to build: their functions may be in the
    /// branch although neither commit has their specs. Blocks.
    pub fn read(checkout: &Checkout, begun_before: BTreeSet<Placed>) -> Result<Self, GitError> {
        let (mirror, folder) = (&checkout.mirror, &checkout.settings.interactions);
        let now = sources::specs(mirror, &checkout.head, folder)?;
        let before = sources::specs(mirror, &checkout.merge_base, folder)?;
        let mut changed = ChangedPaths::default();
        for change in mirror.changed(&checkout.merge_base, &checkout.head, folder)? {
            match change.status {
                ChangeStatus::Removed => changed.removed.insert(change.path),
                ChangeStatus::Added | ChangeStatus::Modified => changed.edited.insert(change.path),
            };
        }
        let paths = |files: &[SourceFile]| -> BTreeSet<String> {
            files.iter().map(|file| file.path.clone()).collect()
        };
        let (specs_now, specs_before) = (paths(&now), paths(&before));
        let now = check(&now, &checkout.settings);
        let new = now
            .specs
            .iter()
            .filter(|spec| !specs_before.contains(&spec.path));
        let mut adopted = BTreeSet::new();
        for spec in new {
            if is_as_before(checkout, spec) {
                adopted.insert(spec.key.clone());
            }
        }
        let before = check(&before, &checkout.settings);
        let mut left = BTreeSet::new();
        let mut moved = BTreeSet::new();
        let projects = &checkout.settings.projects;
        let wanted: BTreeMap<&InteractionKey, &ProjectFolder> = (now.specs.iter())
            .map(|spec| (&spec.key, checkout.settings.project_of(spec)))
            .collect();
        let is_elsewhere = |placed: &Placed| {
            let there = projects.of(placed.project.as_ref());
            (wanted.get(&placed.key)).is_some_and(|wanted| *wanted != there)
        };
        for begun in begun_before {
            // Logs of before do not say where.
            let placed = Placed {
                project: Some(projects.of(begun.project.as_ref()).clone()),
                ..begun
            };
            let spec = format!("{folder}/{}.yaml", placed.key);
            let is_gone = !specs_now.contains(&spec) && !specs_before.contains(&spec);
            let is_moved = is_elsewhere(&placed);
            // What the merge base has is nothing that this pull request brought.
            if (is_gone || is_moved)
                && has(checkout, &checkout.head, &placed)?
                && !has(checkout, &checkout.merge_base, &placed)?
            {
                if is_moved { &mut moved } else { &mut left }.insert(placed);
            }
        }
        for placed in before.specs.iter().map(Placed::of) {
            if is_elsewhere(&placed) && has(checkout, &checkout.head, &placed)? {
                moved.insert(placed);
            }
        }
        Ok(Self {
            left,
            moved,
            adopted,
            now,
            before,
            changed,
        })
    }
}

/// Whether a commit has a function there.
fn has(checkout: &Checkout, at: &Sha, placed: &Placed) -> Result<bool, GitError> {
    let project = checkout.settings.projects.of(placed.project.as_ref());
    let function = FunctionPaths::of(&placed.key, placed.kind).function;
    match checkout.mirror.entry(at, &project.path(&function)) {
        Ok(there) => Ok(there.is_some()),
        Err(GitError::NotAFile { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the head has the function of a spec, and the merge base the same.
fn is_as_before(checkout: &Checkout, spec: &Spec) -> bool {
    let project = checkout.settings.project_of(spec);
    let path = project.path(&spec.function_path());
    // What cannot be read is no function of this size.
    let read = |at: &Sha| {
        let there = checkout.mirror.read(at, &path, limits::FUNCTION_BYTES);
        there.ok().flatten()
    };
    let now = read(&checkout.head);
    now.is_some() && now == read(&checkout.merge_base)
}

/// Paths that differ between the merge base and the head.
#[derive(Debug, Default)]
pub(super) struct ChangedPaths {
    edited: BTreeSet<String>,
    /// Paths that the head does not have any more.
    pub removed: BTreeSet<String>,
}

impl ChangedPaths {
    /// Whether the spec or what it shares with others was changed.
    pub fn touches(&self, spec: &Spec) -> bool {
        self.touches_path(&spec.path)
    }

    /// Whether the file, or the `integration.yaml` beside it, was changed.
    fn touches_path(&self, path: &str) -> bool {
        let beside = path
            .rsplit_once('/')
            .map(|(folder, _)| format!("{folder}/integration.yaml"));
        let either = |path: &String| self.edited.contains(path) || self.removed.contains(path);
        self.edited.contains(path) || beside.as_ref().is_some_and(either)
    }

    /// Whether what is wrong with the file concerns the change: the file was changed, or a spec that shares it.
    pub fn concerns(&self, path: &str) -> bool {
        let shared = path.strip_suffix("integration.yaml");
        self.touches_path(path)
            || shared.is_some_and(|folder| self.edited.iter().any(|path| path.starts_with(folder)))
    }
}
