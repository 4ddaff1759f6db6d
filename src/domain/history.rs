//! The runs of one pull request so far, folded once for everybody who asks about them.

use std::collections::{BTreeMap, BTreeSet};

use super::dossier::Walls;
use super::event::{Event, Logged, Settlement};
use super::name::{Digest, InteractionKey, RunId, Sha};
use super::plan::{Placed, Step};
use super::project::ProjectFolder;
use super::pull::Cause;
use super::verdict::{Judgement, Verdict};
use super::view::View;

/// One run with its log, in which entries for people who watch may be missing.
#[derive(Debug, Clone)]
pub struct PastRun {
    /// It.
    pub run: RunId,
    /// The commit that it was for.
    pub head: Sha,
    /// When it was asked for; milliseconds since the epoch.
    pub requested_ms: i64,
    /// Its log, in order.
    pub events: Vec<Logged>,
}

impl PastRun {
    fn cause(&self) -> Option<&Cause> {
        self.events.iter().find_map(|logged| match &logged.event {
            Event::Requested { request } => Some(&request.cause),
            _ => None,
        })
    }

    /// Whether an agent was to work on this, as far as the run came.
    fn was_to_build(&self, key: &InteractionKey) -> bool {
        let plan = self.events.iter().find_map(|logged| match &logged.event {
            Event::Planned { plan, .. } => Some(plan),
            _ => None,
        });
        let is_build = |step: &Step| matches!(step, Step::Build { spec, .. } if spec.key == *key);
        plan.is_none_or(|plan| plan.steps.iter().any(is_build))
    }

    /// Whether an agent worked on this and was judged. A judgement alone may be one of before that stands.
    fn has_judged(&self, key: &InteractionKey) -> bool {
        let events = self.events.iter().map(|logged| &logged.event);
        let of_key: Vec<&Event> = events
            .filter(|event| event.interaction() == Some(key))
            .collect();
        let has = |what: fn(&Event) -> bool| of_key.iter().any(|event| what(event));
        has(|event| matches!(event, Event::AttemptStarted { .. }))
            && has(|event| matches!(event, Event::Judged { .. }))
    }
}

/// A judgement of an earlier run.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The project that it was made for. Logs of before do not say: there was one.
    pub project: Option<ProjectFolder>,
    /// What went into it.
    pub fingerprint: Digest,
    /// What was made of it.
    pub judgement: Judgement,
    /// The walls around its agent.
    pub walls: Walls,
}

/// Something that an earlier run made and judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The commit that the run was for: its spec is the one that it was made from.
    pub head: Sha,
    /// Its evidence.
    pub dossier: Digest,
    /// Whether it was countersigned.
    pub is_signed: bool,
}

/// The runs of a pull request, oldest first.
#[derive(Debug, Clone, Default)]
pub struct History(Vec<PastRun>);

impl History {
    /// Of these runs, in any order.
    pub fn of(mut runs: Vec<PastRun>) -> Self {
        runs.sort_by_key(|run| run.requested_ms);
        Self(runs)
    }

    /// Each run as its log tells it, oldest first.
    pub fn views(&self) -> impl DoubleEndedIterator<Item = View> {
        self.0.iter().map(|past| View::of(&past.events))
    }

    /// The events of all runs, in order.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        let logs = self.0.iter().flat_map(|past| &past.events);
        logs.map(|logged| &logged.event)
    }

    fn events_but<'a>(&'a self, run: &'a RunId) -> impl Iterator<Item = &'a Event> {
        let others = self.0.iter().filter(move |past| past.run != *run);
        others.flat_map(|past| past.events.iter().map(|logged| &logged.event))
    }

    /// What all runs but this one were to build, and where.
    pub fn begun(&self, but: &RunId) -> BTreeSet<Placed> {
        let plans = self.events_but(but).filter_map(|event| match event {
            Event::Planned { plan, .. } => Some(&plan.steps),
            _ => None,
        });
        let built = plans.flatten().filter_map(|step| match step {
            Step::Build { spec, .. } => Some(Placed::of(spec)),
            Step::Carry { .. }
            | Step::Edited { .. }
            | Step::Adopted { .. }
            | Step::TakenBack { .. }
            | Step::Skipped { .. }
            | Step::Restore(_)
            | Step::Remove(_) => None,
        });
        built.collect()
    }

    /// The dossiers of everything that was judged.
    pub fn judged(&self) -> BTreeMap<InteractionKey, BTreeSet<Digest>> {
        let mut judged: BTreeMap<InteractionKey, BTreeSet<Digest>> = BTreeMap::new();
        let events = self.0.iter().flat_map(|past| &past.events);
        for logged in events {
            if let Event::Judged { judgement, .. } = &logged.event {
                judged
                    .entry(judgement.interaction.clone())
                    .or_default()
                    .insert(judgement.dossier.clone());
            }
        }
        judged
    }

    /// Dossiers whose functions no run has committed, by itself or carried, or a later run has put away again.
    pub fn uncommitted(&self) -> BTreeSet<Digest> {
        let mut open = BTreeSet::new();
        let mut committed: BTreeMap<Digest, &InteractionKey> = BTreeMap::new();
        for past in &self.0 {
            let events = || past.events.iter().map(|logged| &logged.event);
            let is_committed = events().any(|event| {
                matches!(
                    event,
                    Event::Settled {
                        settlement: Settlement::Committed { .. }
                    }
                )
            });
            let left_out: BTreeSet<&ProjectFolder> = events()
                .filter_map(|event| match event {
                    Event::ProjectFailed { project, .. } => Some(project),
                    _ => None,
                })
                .collect();
            let is_in = |project: Option<&ProjectFolder>| {
                is_committed && !project.is_some_and(|project| left_out.contains(project))
            };
            for event in events() {
                match event {
                    Event::Judged {
                        spec, judgement, ..
                    } if !is_in(spec.project.as_ref()) => {
                        open.insert(judgement.dossier.clone());
                    }
                    Event::Judged { judgement, .. } => {
                        committed.insert(judgement.dossier.clone(), &judgement.interaction);
                    }
                    Event::Planned { plan, .. } => {
                        for step in plan.steps.iter().filter(|step| is_in(step.project())) {
                            match step {
                                Step::Carry { spec, signed } => {
                                    committed.insert(signed.dossier.clone(), &spec.key);
                                }
                                Step::Restore(placed) => {
                                    let is_of_it =
                                        |_: &Digest, of: &mut &InteractionKey| **of == placed.key;
                                    let away = committed.extract_if(.., is_of_it);
                                    open.extend(away.map(|(dossier, _)| dossier));
                                }
                                _ => {}
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        open.retain(|dossier| !committed.contains_key(dossier));
        open
    }

    /// What was made of one interaction, newest first.
    pub fn made(&self, key: &InteractionKey) -> Vec<Made> {
        let runs = self.0.iter().rev();
        runs.flat_map(|past| {
            let events = past.events.iter().rev();
            events.filter_map(|logged| match &logged.event {
                Event::Judged { judgement, .. } if judgement.interaction == *key => Some(Made {
                    head: past.head.clone(),
                    dossier: judgement.dossier.clone(),
                    is_signed: judgement.verdict == Verdict::Countersigned,
                }),
                _ => None,
            })
        })
        .collect()
    }

    /// The newest judgement of each interaction in all runs but this one.
    pub fn standing(&self, but: &RunId) -> BTreeMap<InteractionKey, Earlier> {
        let judged = self.events_but(but).filter_map(|event| match event {
            Event::Judged {
                spec,
                judgement,
                fingerprint,
                walls,
                ..
            } => Some((
                judgement.interaction.clone(),
                Earlier {
                    project: spec.project.clone(),
                    fingerprint: fingerprint.clone(),
                    judgement: judgement.clone(),
                    walls: walls.clone(),
                },
            )),
            _ => None,
        });
        judged.collect()
    }

    /// How many milliseconds the newest build of each interaction took that had a verdict.
    pub fn took(&self) -> BTreeMap<InteractionKey, u64> {
        let events = self.0.iter().flat_map(|past| &past.events);
        let took = events.filter_map(|logged| match &logged.event {
            // Nothing was built for a verdict that stands from before.
            Event::Judged { spec, took_ms, .. } if *took_ms > 0 => {
                Some((spec.key.clone(), *took_ms))
            }
            _ => None,
        });
        took.collect()
    }

    /// What was found out about this commit without functions of ours, in all runs for it; see [`View::bases`].
    pub fn bases(&self, head: &Sha) -> BTreeMap<Digest, Digest> {
        let of_head = self.0.iter().filter(|past| past.head == *head);
        let events = of_head.flat_map(|past| &past.events);
        events
            .filter_map(|logged| match &logged.event {
                Event::BaseVerified { key, failures, .. } => Some((key.clone(), failures.clone())),
                _ => None,
            })
            .collect()
    }

    /// What was good in a project when all of it was, as it was last written down.
    pub fn good(&self, project: Option<&ProjectFolder>) -> Option<&Digest> {
        let events = self
            .0
            .iter()
            .rev()
            .flat_map(|past| past.events.iter().rev());
        events
            .filter_map(|logged| match &logged.event {
                Event::WholeGood {
                    project: of, good, ..
                } if of.as_ref() == project => Some(good),
                _ => None,
            })
            .next()
    }

    /// Why there were runs since an agent of this interaction was last judged, oldest first, without this run. What people
    /// said in them has reached no agent that came to an end.
    pub fn unanswered<'a>(&'a self, key: &'a InteractionKey, but: &'a RunId) -> Vec<&'a Cause> {
        let others = self.0.iter().rev().filter(|past| past.run != *but);
        let open = others.take_while(|past| !past.has_judged(key));
        let meant = open.filter(|past| past.was_to_build(key));
        let mut causes: Vec<&Cause> = meant.filter_map(PastRun::cause).collect();
        causes.reverse();
        causes
    }

    /// The newest run.
    pub fn newest(&self) -> Option<View> {
        self.views().next_back()
    }

    /// The newest run that has a plan with anything in it.
    pub fn newest_planned(&self) -> Option<View> {
        self.views().rev().find(|view| !view.rows.is_empty())
    }

    /// The newest run for this commit.
    pub fn newest_for(&self, head: &Sha) -> Option<View> {
        let newest = self.0.iter().rev().find(|past| past.head == *head)?;
        Some(View::of(&newest.events))
    }
}
