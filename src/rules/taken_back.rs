//! What people take off the branch again after a run has put it there: it stays away until somebody asks for it, or its spec
//! changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::event::Settlement;
use crate::domain::name::Digest;
use crate::domain::row::{Row, State};
use crate::domain::spec::Spec;
use crate::domain::verdict::Verdict;
use crate::domain::view::View;

/// A function that a run has put on the branch of a pull request.
#[derive(Debug, Clone, PartialEq)]
pub struct Brought {
    /// What it was made from.
    pub spec: Spec,
    /// The dossier that holds it.
    pub dossier: Digest,
    /// Whether a run has seen since that it was taken back.
    is_told: bool,
}

/// What is known of the texts that a function had on a branch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// The one that was brought; unknown when its evidence is gone.
    pub brought: Option<Digest>,
    /// Those that it took the place of, or may have.
    pub earlier: BTreeSet<Digest>,
}

/// The functions that runs of a pull request have put on its branch, by their path from the repository's root, each as it was
/// put there last. The runs come oldest first. What was pushed counts, and what the branch was seen to have; what a later
/// commit of ours took away does not.
pub fn brought(runs: impl IntoIterator<Item = View>) -> BTreeMap<String, Brought> {
    let mut all = BTreeMap::new();
    for run in runs {
        take_in(&mut all, &run);
    }
    all
}

fn take_in(all: &mut BTreeMap<String, Brought>, run: &View) {
    let functions: Vec<(&Row, &Spec, String)> = (run.rows.iter())
        .filter_map(|row| {
            let spec = row.spec.as_ref()?;
            Some((row, spec, row.project.path(&spec.function_path())))
        })
        .collect();
    for (row, _, path) in &functions {
        match &row.state {
            State::TakenBack => {
                if let Some(brought) = all.get_mut(path) {
                    brought.is_told = true;
                }
            }
            // Somebody wants it again, whatever becomes of the run.
            State::Waiting
            | State::Stopped
            | State::CalledOff { .. }
            | State::Working { .. }
            | State::Judged { .. }
            | State::GivenUp { .. } => {
                if all.get(path).is_some_and(|brought| brought.is_told) {
                    all.remove(path);
                }
            }
            State::Carried { .. }
            | State::Edited { .. }
            | State::Adopted
            | State::Skipped { .. }
            | State::Restored
            | State::Removed => {}
        }
    }
    let changed: &[String] = match &run.settlement {
        Some(Settlement::Committed { paths, .. }) => paths,
        // The branch has all of it, by whatever way it came there.
        Some(Settlement::Nothing) => &[],
        Some(
            Settlement::Watched
            | Settlement::WholeFailed { .. }
            | Settlement::Fork { .. }
            | Settlement::Moved { .. }
            | Settlement::PushRefused { .. },
        )
        | None => return,
    };
    // What the commit took away is no person's doing.
    all.retain(|path, _| !changed.contains(path));
    for (row, spec, path) in functions {
        let fits = !run.failed.contains_key(&row.project);
        let dossier = match &row.state {
            State::Carried { dossier } if fits => dossier,
            State::Judged { judgement }
                if changed.contains(&path)
                    || (fits && judgement.verdict == Verdict::Countersigned) =>
            {
                &judgement.dossier
            }
            _ => continue,
        };
        let brought = Brought {
            spec: spec.clone(),
            dossier: dossier.clone(),
            is_told: false,
        };
        all.insert(path, brought);
    }
}

impl Brought {
    /// Whether it was made from what this spec says.
    pub fn is_made_for(&self, spec: &Spec) -> bool {
        let then = &self.spec;
        (then.kind, &then.text, &then.integration_text)
            == (spec.kind, &spec.text, &spec.integration_text)
    }

    /// Whether a person took it back: its spec is the same, and the head has nothing in its place any more, or what was there
    /// before. What else is `there` is a function of somebody's own.
    pub fn is_taken_back(&self, spec: &Spec, there: Option<&Digest>, versions: &Versions) -> bool {
        let is_away = match there {
            None => true,
            Some(there) => {
                versions.brought.as_ref() != Some(there) && versions.earlier.contains(there)
            }
        };
        self.is_made_for(spec) && is_away
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{Event, Logged};
    use crate::domain::plan::{Placed, Plan, Signed, Step};
    use crate::domain::project::{ProjectFolder, Projects};
    use crate::domain::settings::{Commit, Mode};
    use crate::rules::specs;

    const KEY: &str = "slack/users";
    const PATH: &str = "nango/slack/actions/users.ts";

    fn spec() -> Spec {
        Spec {
            project: Some(ProjectFolder::named("nango")),
            ..specs::sample::spec(KEY)
        }
    }

    fn dossier() -> Digest {
        Digest::of(b"dossier")
    }

    fn carried() -> Step {
        Step::Carry {
            spec: spec(),
            signed: Signed {
                interaction: spec().key,
                fingerprint: Digest::of(b"fingerprint"),
                dossier: dossier(),
            },
        }
    }

    fn committed(paths: &[&str]) -> Settlement {
        Settlement::Committed {
            commit: "c".repeat(40).parse().expect("a sha"),
            branch: "add".into(),
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        }
    }

    /// A run that did this one thing, as its log tells it.
    fn run(step: Step, settlement: Option<Settlement>) -> View {
        let planned = Event::Planned {
            plan: Plan {
                steps: vec![step],
                ..Plan::default()
            },
            merge_base: "b".repeat(40).parse().expect("a sha"),
            base: None,
            projects: Projects::one(ProjectFolder::named("nango")),
            commit: Commit::Countersigned,
            watched: Mode::Strict,
        };
        let settled = settlement.map(|settlement| Event::Settled { settlement });
        let events: Vec<Logged> = (1..)
            .zip([planned].into_iter().chain(settled))
            .map(|(seq, event)| Logged {
                seq,
                at_ms: seq,
                event,
            })
            .collect();
        View::of(&events)
    }

    fn is_brought(runs: &[View]) -> bool {
        brought(runs.iter().cloned()).contains_key(PATH)
    }

    #[test]
    fn only_what_came_onto_the_branch_can_be_taken_back() {
        let pushed = || run(carried(), Some(committed(&[PATH])));
        assert!(is_brought(&[pushed()]));
        assert!(is_brought(&[run(carried(), Some(Settlement::Nothing))]));
        let refused = Settlement::PushRefused {
            reason: "a protected branch".into(),
        };
        let fork = Settlement::Fork {
            functions: 1,
            patch: dossier(),
        };
        for never in [
            None,
            Some(refused),
            Some(fork),
            Some(Settlement::Moved { to: None }),
            Some(Settlement::WholeFailed { findings: vec![] }),
            Some(Settlement::Watched),
        ] {
            assert!(!is_brought(&[run(carried(), never.clone())]), "{never:?}");
            // Nor does it undo what another run did.
            assert!(is_brought(&[pushed(), run(carried(), never)]));
        }
    }

    #[test]
    fn what_our_own_commit_removes_was_taken_back_by_nobody() {
        let pushed = run(carried(), Some(committed(&[PATH])));
        let removed = run(
            Step::Remove(Placed::of(&spec())),
            Some(committed(&[PATH, "nango/index.ts"])),
        );
        assert!(!is_brought(&[pushed, removed]));
    }

    #[test]
    fn whoever_asks_again_wants_it_though_the_run_comes_to_nothing() {
        let pushed = run(carried(), Some(committed(&[PATH])));
        let told = run(Step::TakenBack { spec: spec() }, Some(Settlement::Nothing));
        assert!(is_brought(&[pushed.clone(), told.clone()]));
        let asked = run(
            Step::Build {
                spec: spec(),
                fingerprint: dossier(),
            },
            None,
        );
        assert!(!is_brought(&[pushed.clone(), told, asked.clone()]));
        // A build of what was there then says nothing of what a person does afterwards.
        assert!(is_brought(&[pushed, asked]));
    }

    #[test]
    fn a_project_that_fails_holds_back_what_was_to_go_in() {
        let mut failed = run(carried(), Some(committed(&["other/index.ts"])));
        (failed.failed).insert(ProjectFolder::named("nango"), vec![]);
        assert!(!is_brought(&[failed]));
    }

    #[test]
    fn gone_or_as_before_is_taken_back_and_anything_else_is_somebodys_own() {
        let all = brought([run(carried(), Some(committed(&[PATH])))]);
        let brought = &all[PATH];
        let [ours, before, theirs] =
            ["ours", "before", "theirs"].map(|text| Digest::of(text.as_bytes()));
        let versions = Versions {
            brought: Some(ours.clone()),
            // A build may end with the very text that it began from.
            earlier: [before.clone(), ours.clone()].into(),
        };
        let is_taken = |there: Option<&Digest>| brought.is_taken_back(&spec(), there, &versions);
        assert!(is_taken(None));
        assert!(is_taken(Some(&before)));
        assert!(!is_taken(Some(&ours)));
        assert!(!is_taken(Some(&theirs)));
        let changed = Spec {
            text: Digest::of(b"another text"),
            ..spec()
        };
        assert!(!brought.is_taken_back(&changed, None, &versions));
        let folder = Spec {
            integration_text: Some(Digest::of(b"another connection")),
            ..spec()
        };
        assert!(!brought.is_taken_back(&folder, None, &versions));
    }
}
