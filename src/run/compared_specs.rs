//! The specs of a pull request, before and now.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::limits;
use crate::domain::name::{InteractionKey, Sha};
use crate::domain::spec::{FunctionPaths, Kind, Spec};
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
    pub left: Vec<(InteractionKey, Kind)>,
}

impl ComparedSpecs {
    /// Reads and compares. `begun` is what earlier runs of the pull request were to build: their functions may be in the
    /// branch although neither commit has their specs. Blocks.
    pub fn read(
        checkout: &Checkout,
        begun_before: BTreeMap<InteractionKey, Kind>,
    ) -> Result<Self, GitError> {
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
        let functions = |at: &Sha| -> Result<BTreeSet<String>, GitError> {
            let listed = mirror.list(at, &checkout.settings.project)?;
            Ok(listed.into_iter().map(|file| file.path).collect())
        };
        let mut left: Vec<(InteractionKey, Kind)> = begun_before
            .into_iter()
            .filter(|(key, _)| {
                let spec = format!("{folder}/{key}.yaml");
                !specs_now.contains(&spec) && !specs_before.contains(&spec)
            })
            .collect();
        if !left.is_empty() {
            let (present, base) = (functions(&checkout.head)?, functions(&checkout.merge_base)?);
            left.retain(|(key, kind)| {
                let function = FunctionPaths::of(key, *kind).function;
                let function = checkout.settings.in_project(&function);
                present.contains(&function) && !base.contains(&function)
            });
        }
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
        Ok(Self {
            left,
            adopted,
            now,
            before: check(&before, &checkout.settings),
            changed,
        })
    }
}

/// Whether the head has the function of a spec, and the merge base the same.
fn is_as_before(checkout: &Checkout, spec: &Spec) -> bool {
    let path = checkout.settings.in_project(&spec.function_path());
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
