//! What a run has to do: specs read at the head, compared with the merge base and with what was signed before.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::dossier::Walls;
use crate::domain::event::Event;
use crate::domain::limits;
use crate::domain::name::{Digest, InteractionKey, Sha};
use crate::domain::plan::{Plan, Step};
use crate::domain::pull::{Cause, Request};
use crate::domain::spec::{FunctionPaths, Kind, Spec};
use crate::domain::verdict::Judgement;
use crate::edge::blobs::Dossiers;
use crate::edge::git::{ChangeStatus, GitError};
use crate::edge::store::Store;
use crate::rules::plan::{PlanInput, plan as decide};
use crate::rules::specs::{Checked, SourceFile, check};

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;
use super::skills::Skills;
use super::sources;

/// A judgement of an earlier run of the same pull request.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// What went into it.
    pub fingerprint: Digest,
    /// What was made of it.
    pub judgement: Judgement,
    /// The walls around its agent.
    pub walls: Walls,
}

/// The skills of a run: ours, and those of the repository's base branch.
pub async fn skills(checkout: &Checkout) -> Result<Skills, Fault> {
    let Some(folder) = checkout.settings.skills.clone() else {
        return Ok(Skills::ours());
    };
    let (mirror, base) = (checkout.mirror.clone(), checkout.base.clone());
    blocking(move || Skills::with_repository(&mirror, &base, &folder))
        .await?
        .map_err(|e| Fault::passing("read the repository's skills", e))
}

/// What earlier runs of the same pull request were to build: their functions may be in the branch although neither the
/// base nor the head has their specs.
async fn begun_before(
    store: &Store,
    request: &Request,
) -> Result<BTreeMap<InteractionKey, Kind>, Fault> {
    let mut begun = BTreeMap::new();
    if request.pull().is_none() {
        return Ok(begun);
    }
    let fault = |e| Fault::passing("read earlier runs", e);
    let mut runs = store.runs_of(&request.place()).await.map_err(fault)?;
    runs.sort_by_key(|row| row.requested_ms);
    for row in runs.iter().filter(|row| row.run != request.run) {
        for logged in store.events(&row.run, 0).await.map_err(fault)? {
            let Event::Planned { plan, .. } = logged.event else {
                continue;
            };
            for step in plan.steps {
                if let Step::Build { spec, .. } = step {
                    begun.insert(spec.key, spec.kind);
                }
            }
        }
    }
    Ok(begun)
}

/// Reads and compares, and decides what each interaction needs.
pub async fn plan(
    checkout: &Checkout,
    request: &Request,
    store: &Store,
    skills: &Digest,
    lock: &Digest,
) -> Result<Plan, Fault> {
    let signed = store
        .signed(&request.place())
        .await
        .map_err(|e| Fault::passing("read what was signed", e))?;
    let begun_before = begun_before(store, request).await?;
    let there = checkout.clone();
    let read = blocking(move || ComparedSpecs::read(&there, begun_before)).await?;
    let ComparedSpecs {
        now,
        before,
        changed,
        left,
    } = read.map_err(|e| Fault::passing("read the specs of the pull request", e))?;
    let asked: &[InteractionKey] = match &request.cause {
        Cause::Retry { only, .. } | Cause::Local { only, .. } => only,
        Cause::Head | Cause::Base | Cause::Woken { .. } | Cause::Rerun { .. } => &[],
    };
    // Named on the command line: built whether the branch changes them or not.
    let only_named = matches!(request.cause, Cause::Local { .. }) && !asked.is_empty();
    let wanted = |spec: &Spec| {
        if only_named {
            asked.contains(&spec.key)
        } else {
            changed.touches(spec)
        }
    };
    let specs: Vec<Spec> = now
        .specs
        .iter()
        .filter(|spec| wanted(spec))
        .cloned()
        .collect();
    let removed: Vec<(InteractionKey, Kind)> = before
        .specs
        .iter()
        .filter(|spec| !only_named && changed.removed.contains(&spec.path))
        .map(|spec| (spec.key.clone(), spec.kind))
        .chain(left)
        .collect();
    let problems = now
        .problems
        .iter()
        .filter(|problem| {
            if only_named {
                belongs(asked, &checkout.settings.interactions, &problem.path)
            } else {
                changed.concerns(&problem.path)
            }
        })
        .map(|problem| problem.finding())
        .collect();
    Ok(decide(PlanInput {
        specs,
        removed,
        problems,
        signed: &signed,
        retry_only: asked,
        skills,
        lock,
    }))
}

/// Tells what is as we left it from what a person has changed since. A function that is gone (somebody took our commit
/// back by force) is put in again. `made` are the dossiers of everything that was judged on the pull request.
pub async fn with_edited(
    checkout: &Checkout,
    dossiers: &Dossiers,
    made: BTreeMap<InteractionKey, BTreeSet<Digest>>,
    plan: Plan,
) -> Result<Plan, Fault> {
    let (checkout, dossiers) = (checkout.clone(), dossiers.clone());
    blocking(move || {
        let steps = plan.steps.into_iter().map(|step| {
            let Step::Carry { spec, signed } = step else {
                return step;
            };
            if dossiers.get(&signed.dossier).is_err() {
                // Its evidence is gone or broken, so nothing can be carried.
                let fingerprint = signed.fingerprint;
                return Step::Build { spec, fingerprint };
            }
            let ours = parts_of(&dossiers, made.get(&spec.key));
            let paths = [
                spec.function_path(),
                spec.recording_path(),
                spec.test_path(),
            ];
            let edited = paths.iter().any(|path| {
                let path = format!("{}/{path}", checkout.settings.project);
                match checkout
                    .mirror
                    .read(&checkout.head, &path, limits::RECORDING_BYTES)
                {
                    Ok(None) => false,
                    Ok(Some(there)) => !ours.contains(&Digest::of(&there)),
                    // Too large, or no regular file: not what we put there.
                    Err(_) => true,
                }
            });
            if edited {
                Step::Edited { spec, signed }
            } else {
                Step::Carry { spec, signed }
            }
        });
        Plan {
            steps: steps.collect(),
            problems: plan.problems,
        }
    })
    .await
}

/// The functions, recordings and tests of these dossiers. One that cannot be opened has none.
fn parts_of(dossiers: &Dossiers, ids: Option<&BTreeSet<Digest>>) -> BTreeSet<Digest> {
    let seals = ids
        .into_iter()
        .flatten()
        .filter_map(|id| dossiers.get(id).ok());
    seals
        .flat_map(|dossier| {
            let room = dossier.seal.room;
            let function = room.function.source().cloned();
            [function, room.recording, room.test].into_iter().flatten()
        })
        .collect()
}

/// The dossiers of everything that was judged on the pull request so far, by interaction.
pub async fn made_before(
    store: &Store,
    request: &Request,
) -> Result<BTreeMap<InteractionKey, BTreeSet<Digest>>, Fault> {
    let fault = |e| Fault::passing("read earlier runs", e);
    let mut made: BTreeMap<InteractionKey, BTreeSet<Digest>> = BTreeMap::new();
    for row in store.runs_of(&request.place()).await.map_err(fault)? {
        for logged in store.events(&row.run, 0).await.map_err(fault)? {
            if let Event::Judged { judgement, .. } = logged.event {
                made.entry(judgement.interaction)
                    .or_default()
                    .insert(judgement.dossier);
            }
        }
    }
    Ok(made)
}

/// Whether `path` is the spec of one of `keys`, or the `integration.yaml` beside it.
fn belongs(keys: &[InteractionKey], interactions: &str, path: &str) -> bool {
    keys.iter().any(|key| {
        path == format!("{interactions}/{key}.yaml")
            || path == format!("{interactions}/{}/integration.yaml", key.integration)
    })
}

/// What was judged before on the same pull request and stands, because only other interactions were asked for again.
pub async fn earlier(
    store: &Store,
    request: &Request,
) -> Result<BTreeMap<InteractionKey, Earlier>, Fault> {
    let mut earlier = BTreeMap::new();
    let Cause::Retry { only, .. } = &request.cause else {
        return Ok(earlier);
    };
    if only.is_empty() {
        return Ok(earlier);
    }
    let fault = |e| Fault::passing("read earlier runs", e);
    let mut runs = store.runs_of(&request.place()).await.map_err(fault)?;
    runs.sort_by_key(|row| row.requested_ms);
    for row in runs.iter().filter(|row| row.run != request.run) {
        for logged in store.events(&row.run, 0).await.map_err(fault)? {
            let Event::Judged {
                judgement,
                fingerprint,
                walls,
                ..
            } = logged.event
            else {
                continue;
            };
            if !only.contains(&judgement.interaction) {
                earlier.insert(
                    judgement.interaction.clone(),
                    Earlier {
                        fingerprint,
                        judgement,
                        walls,
                    },
                );
            }
        }
    }
    Ok(earlier)
}

/// The specs at the head and at the merge base, and what is different.
struct ComparedSpecs {
    now: Checked,
    before: Checked,
    changed: ChangedPaths,
    /// Functions that this pull request brought and whose spec it took away again.
    left: Vec<(InteractionKey, Kind)>,
}

impl ComparedSpecs {
    fn read(
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
                let function = match checkout.settings.project.as_str() {
                    "" => function,
                    project => format!("{project}/{function}"),
                };
                present.contains(&function) && !base.contains(&function)
            });
        }
        Ok(Self {
            left,
            now: check(&now, &checkout.settings),
            before: check(&before, &checkout.settings),
            changed,
        })
    }
}

/// Paths that differ between the merge base and the head.
#[derive(Debug, Default)]
struct ChangedPaths {
    edited: BTreeSet<String>,
    removed: BTreeSet<String>,
}

impl ChangedPaths {
    /// Whether the spec or what it shares with others was changed.
    fn touches(&self, spec: &Spec) -> bool {
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
    fn concerns(&self, path: &str) -> bool {
        let shared = path.strip_suffix("integration.yaml");
        self.touches_path(path)
            || shared.is_some_and(|folder| self.edited.iter().any(|path| path.starts_with(folder)))
    }
}
