//! What a person has changed since it was countersigned.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::dossier::Dossier;
use crate::domain::history::History;
use crate::domain::limits;
use crate::domain::module::Module;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::plan::{Plan, Step};
use crate::domain::project::ProjectFolder;
use crate::domain::spec::Spec;
use crate::edge::blobs::{DossierError, Dossiers};

use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;

/// Tells what is as we left it from what a person has changed since. A function that never came into the branch is put in
/// again, where nothing is in its place, or what it began from stands as it stood.
pub async fn with_edited(
    checkout: &Checkout,
    dossiers: &Dossiers,
    history: &History,
    plan: Plan,
) -> Result<Plan, Fault> {
    let (checkout, dossiers) = (checkout.clone(), dossiers.clone());
    let (made, uncommitted) = (history.judged(), history.uncommitted());
    blocking(move || {
        let written = modules_of(&dossiers, &made)?;
        let steps = plan.steps.iter().cloned().map(|step| {
            let Step::Carry { spec, signed } = step else {
                return Ok(step);
            };
            let projects = &checkout.settings.projects;
            let evidence = dossiers.find(&signed.dossier)?.filter(|evidence| {
                let then = evidence.seal.spec.project.as_ref();
                projects.of(then) == projects.of(spec.project.as_ref())
            });
            let Some(evidence) = evidence else {
                // Its evidence is gone or broken, or it was made for another project, so nothing can be carried.
                let fingerprint = signed.fingerprint;
                return Ok(Step::Build { spec, fingerprint });
            };
            if uncommitted.contains(&signed.dossier) && is_as_it_began(&checkout, &spec, &evidence)
            {
                return Ok(Step::Carry { spec, signed });
            }
            let ours = parts_of(&dossiers, made.get(&spec.key))?;
            let project = checkout.settings.project_of(&spec);
            let paths = [
                spec.function_path(),
                spec.recording_path(),
                spec.test_path(),
            ];
            let edited = paths.iter().any(|path| {
                let path = project.path(path);
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
            let edited = edited || with_other_modules(&checkout, project, &evidence, &written);
            Ok(match edited {
                true => Step::Edited { spec, signed },
                false => Step::Carry { spec, signed },
            })
        });
        let steps = steps.collect::<Result<_, DossierError>>()?;
        Ok(Plan { steps, ..plan })
    })
    .await?
    // Who cannot look must not take our own function for a person's.
    .map_err(|e: DossierError| Fault::evidence("open the evidence of earlier runs", e))
}

/// Whether the head has the function that an attempt began from.
fn is_as_it_began(checkout: &Checkout, spec: &Spec, evidence: &Dossier) -> bool {
    let project = checkout.settings.project_of(spec);
    let path = project.path(&spec.function_path());
    let read = (checkout.mirror).read(&checkout.head, &path, limits::FUNCTION_BYTES);
    let there = read.ok().flatten().map(|there| Digest::of(&there));
    there.is_some() && there.as_ref() == evidence.seal.beginning.former()
}

/// Whether a module that the function brings along is another one at the head than was judged with it, and none of ours.
fn with_other_modules(
    checkout: &Checkout,
    project: &ProjectFolder,
    evidence: &Dossier,
    ours: &BTreeSet<Digest>,
) -> bool {
    evidence.seal.modules.iter().any(|module| {
        let path = project.path(&module.path);
        let read = checkout
            .mirror
            .read(&checkout.head, &path, limits::FUNCTION_BYTES);
        match read {
            // The agent's goes in again.
            Ok(None) => !module.is_agents(),
            Ok(Some(there)) => {
                let there = Digest::of(&there);
                there != module.content && Some(&there) != module.former() && !ours.contains(&there)
            }
            Err(_) => true,
        }
    })
}

/// The modules that agents wrote, of everything that was judged.
fn modules_of(
    dossiers: &Dossiers,
    made: &BTreeMap<InteractionKey, BTreeSet<Digest>>,
) -> Result<BTreeSet<Digest>, DossierError> {
    let all = found(dossiers, made.values().flatten())?.into_iter();
    Ok(all
        .flat_map(|dossier| dossier.seal.modules)
        .filter(Module::is_agents)
        .map(|module| module.content)
        .collect())
}

/// The functions, recordings and tests of these dossiers. One that cannot be opened has none.
fn parts_of(
    dossiers: &Dossiers,
    ids: Option<&BTreeSet<Digest>>,
) -> Result<BTreeSet<Digest>, DossierError> {
    let all = found(dossiers, ids.into_iter().flatten())?.into_iter();
    Ok(all
        .flat_map(|dossier| {
            let room = dossier.seal.room;
            let function = room.function.source().cloned();
            [function, room.recording, room.test].into_iter().flatten()
        })
        .collect())
}

fn found<'a>(
    dossiers: &Dossiers,
    ids: impl Iterator<Item = &'a Digest>,
) -> Result<Vec<Dossier>, DossierError> {
    let found = ids.map(|id| dossiers.find(id));
    found.filter_map(Result::transpose).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dossier::{Guard, Walls};
    use crate::domain::event::{Event, Logged, Settlement};
    use crate::domain::history::PastRun;
    use crate::domain::name::{RunId, Sha};
    use crate::domain::transcript::Usage;
    use crate::domain::verdict::{Judgement, Verdict};
    use crate::rules::specs;

    fn judged(key: &str, project: &ProjectFolder) -> Event {
        let spec = Spec {
            project: Some(project.clone()),
            ..specs::sample::spec(key)
        };
        Event::Judged {
            fingerprint: Digest::of(b"what goes into it"),
            judgement: Judgement {
                dossier: Digest::of(key.as_bytes()),
                interaction: spec.key.clone(),
                verdict: Verdict::Countersigned,
                sentence: String::new(),
                cause: None,
                findings: vec![],
                unproven: Box::default(),
            },
            spec: Box::new(spec),
            usage: Usage::default(),
            took_ms: 1,
            walls: Walls {
                shell: "none".into(),
                file_tools: Guard::Up,
            },
        }
    }

    /// Otherwise what began from a function that stands as it stood would be taken for a person's work.
    #[test]
    fn what_a_failed_project_holds_back_is_not_committed() {
        let head: Sha = "a".repeat(40).parse().expect("a sha");
        let [mail, crm] = ["apps/mail", "apps/crm"].map(ProjectFolder::named);
        let uncommitted = |failed: Option<ProjectFolder>| {
            let failed = failed.map(|project| Event::ProjectFailed {
                project,
                findings: vec![],
            });
            let settled = Event::Settled {
                settlement: Settlement::Committed {
                    commit: head.clone(),
                    branch: "add".into(),
                    paths: vec![],
                },
            };
            let events = [judged("slack/mail", &mail), judged("slack/crm", &crm)];
            let events = events.into_iter().chain(failed).chain([settled]);
            let run = PastRun {
                run: RunId::from_cause(&["run"]),
                head: head.clone(),
                requested_ms: 1,
                events: (1..)
                    .zip(events)
                    .map(|(seq, event)| Logged {
                        seq,
                        at_ms: seq,
                        event,
                    })
                    .collect(),
            };
            History::of(vec![run]).uncommitted()
        };
        assert_eq!(uncommitted(None), BTreeSet::new());
        let held_back = BTreeSet::from([Digest::of(b"slack/crm")]);
        assert_eq!(uncommitted(Some(crm.clone())), held_back);
    }
}
