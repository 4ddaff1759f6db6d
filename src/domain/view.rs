//! A run's log folded into what a person wants to see. Pure: the same events give the same view.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::activity::Activity;
use super::attempt_fault::AttemptFault;
use super::decision::{Off, Skipped};
use super::dossier::Walls;
use super::ending::Ending;
use super::event::{Event, Logged, Settlement};
use super::failure::Before;
use super::finding::Finding;
use super::guidance::Guidance;
use super::name::{Digest, InteractionKey, Sha};
use super::packages::Packages;
use super::plan::{Plan, Step};
use super::project::{PerProject, ProjectFolder, Projects};
use super::pull::Request;
use super::settings::{Commit, Mode};
use super::spec::{Kind, Spec};
use super::transcript::Usage;
use super::verdict::{Judgement, Verdict};

/// Where one interaction is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// Its turn has not come.
    Waiting,
    /// An attempt is under way.
    Working {
        /// Which.
        attempt: u32,
        /// What it is doing.
        doing: Activity,
    },
    /// It was judged.
    Judged {
        /// The verdict with its findings.
        judgement: Judgement,
    },
    /// It was countersigned before and is put in as it was.
    Carried {
        /// The dossier of the earlier run.
        dossier: Digest,
    },
    /// It was countersigned before, and a person has changed the function since.
    Edited {
        /// The dossier of what was countersigned.
        dossier: Digest,
    },
    /// The function was there before its spec and is left as it is.
    Adopted,
    /// It was committed before, and a person took it off the branch again.
    TakenBack,
    /// Somebody wants it left alone on this pull request.
    Skipped {
        /// Who, and why.
        skipped: Skipped,
    },
    /// Somebody took it out of this run.
    CalledOff {
        /// Who: a login.
        by: String,
    },
    /// The run ended before it did.
    Stopped,
    /// Its spec is as at the merge base again, so its files are too.
    Restored,
    /// Its spec is gone, so its function goes.
    Removed,
    /// It ended without a verdict, by a fault that is not the author's.
    GivenUp {
        /// Whose fault.
        cause: AttemptFault,
        /// What went wrong.
        fault: String,
    },
}

/// One interaction of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Which.
    pub key: InteractionKey,
    /// The project that its function belongs to.
    pub project: ProjectFolder,
    /// What it is to Nango.
    pub kind: Kind,
    /// What was asked for; absent when the spec is gone.
    pub spec: Option<Spec>,
    /// Where it is.
    pub state: State,
    /// What it used up so far, all attempts together.
    pub usage: Usage,
    /// What attempts used up that failed.
    pub failed_usage: Usage,
    /// Attempts that began.
    pub attempts: u32,
    /// Attempts that failed.
    pub failures: u32,
    /// Attempts in a row of which nobody has said how they ended: the one that is under way, and those in the middle of which
    /// a process died.
    pub unended: u32,
    /// When its first attempt began; milliseconds since the epoch.
    pub started_ms: Option<i64>,
    /// Wall time, once it has ended.
    pub took_ms: Option<u64>,
    /// The walls around its agent, once known.
    pub walls: Option<Walls>,
    /// The newest sealed dossier, when there is one.
    pub dossier: Option<Digest>,
    /// What its agent was told beside the spec.
    #[serde(skip_serializing_if = "Guidance::is_empty")]
    pub guidance: Guidance,
}

impl Row {
    /// Whether its build has ended, with a verdict or without.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Judged { .. } | State::GivenUp { .. }) || self.is_off()
    }

    /// Whether somebody took it out.
    pub fn is_off(&self) -> bool {
        matches!(self.state, State::Skipped { .. } | State::CalledOff { .. })
    }

    /// Takes in an event that is about it. What an agent still did when somebody had taken it out changes nothing but what it
    /// has used up.
    fn apply(&mut self, event: &Event, at_ms: i64) {
        let off = self.is_off().then(|| self.state.clone());
        self.take_in(event, at_ms);
        match (off, event) {
            (Some(_), Event::CalledOff { .. }) | (None, _) => {}
            (Some(off), _) => self.state = off,
        }
    }

    fn take_in(&mut self, event: &Event, at_ms: i64) {
        match event {
            Event::AttemptStarted {
                attempt, guidance, ..
            } => {
                self.started_ms.get_or_insert(at_ms);
                // Of the one before nobody has said how it ended; what it was seen to use up was used up.
                self.failed_usage = self.usage;
                self.guidance = guidance.clone();
                self.attempts = *attempt;
                self.unended += 1;
                self.work(*attempt, Activity::Preparing);
            }
            Event::Doing {
                attempt,
                activity,
                usage,
                ..
            } => {
                self.work(*attempt, activity.clone());
                self.usage = self.failed_usage.plus(usage);
            }
            Event::Sealed { dossier, .. } => {
                self.unended = 0;
                self.dossier = Some(dossier.clone());
            }
            Event::AttemptLeft { .. } => self.unended = self.unended.saturating_sub(1),
            Event::AttemptFailed { attempt, fault, .. } => {
                self.failures += 1;
                self.unended = 0;
                self.failed_usage = self.usage;
                let fault = fault.clone();
                self.work(*attempt, Activity::Failed { fault });
            }
            Event::Judged {
                judgement,
                usage,
                took_ms,
                walls,
                ..
            } => {
                self.usage = self.failed_usage.plus(usage);
                self.took_ms = Some(*took_ms);
                self.walls = Some(walls.clone());
                self.dossier = Some(judgement.dossier.clone());
                self.state = State::Judged {
                    judgement: judgement.clone(),
                };
            }
            Event::CalledOff { by, off, .. } => match off {
                Off::Skipped { reason } => {
                    let (by, reason) = (by.clone(), reason.clone());
                    let skipped = Skipped { by, reason };
                    self.state = State::Skipped { skipped };
                }
                Off::Cancelled if self.is_under_way() => {
                    self.state = State::CalledOff { by: by.clone() };
                }
                // It had come to its end.
                Off::Cancelled => {}
            },
            Event::GivenUp { cause, fault, .. } => {
                let since = |start: i64| at_ms.saturating_sub(start).max(0) as u64;
                self.took_ms = self.started_ms.map(since);
                self.state = State::GivenUp {
                    cause: *cause,
                    fault: fault.clone(),
                };
            }
            Event::Requested { .. }
            | Event::Planned { .. }
            | Event::PackagesChosen { .. }
            | Event::WallsTried { .. }
            | Event::BaseVerified { .. }
            | Event::Verified { .. }
            | Event::WholeGood { .. }
            | Event::ProjectEmptied { .. }
            | Event::ProjectFailed { .. }
            | Event::Settled { .. }
            | Event::Ended { .. } => {}
        }
    }

    /// Whether it waits for an agent, or has one.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, State::Waiting | State::Working { .. })
    }

    fn work(&mut self, attempt: u32, doing: Activity) {
        self.state = State::Working { attempt, doing };
    }
}

/// One run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct View {
    /// By whom and for what.
    pub request: Option<Request>,
    /// When it was asked for; milliseconds since the epoch.
    pub requested_ms: i64,
    /// When the newest event happened; milliseconds since the epoch.
    pub latest_ms: i64,
    /// The number of the newest event.
    pub latest_seq: i64,
    /// The merge base, once planned.
    pub merge_base: Option<Sha>,
    /// The Nango projects of the repository, once planned.
    pub projects: Option<Projects>,
    /// What is committed, once planned.
    pub commit: Option<Commit>,
    /// Whether agents are kept to their task.
    pub watched: Mode,
    /// With which packages it works. Empty before it was looked, and in logs of the version before.
    pub packages: PerProject<Packages>,
    /// What is wrong with specs and settings.
    pub problems: Vec<Finding>,
    /// The walls, once tried.
    pub walls: Option<Walls>,
    /// By interaction, in order.
    pub rows: Vec<Row>,
    /// What fails in the head without the run's functions, as blobs; see [`Event::BaseVerified`].
    #[serde(skip)]
    pub bases: BTreeMap<Digest, Digest>,
    /// What was wrong with the projects before.
    pub before: PerProject<Before>,
    /// Projects that the commit takes the last function out of.
    pub emptied: BTreeSet<ProjectFolder>,
    /// Projects that are left out of the commit, and why; see [`Event::ProjectFailed`].
    pub failed: BTreeMap<ProjectFolder, Vec<Finding>>,
    /// What became of the commit, once settled.
    pub settlement: Option<Settlement>,
    /// How it ended, once it has.
    pub ending: Option<Ending>,
}

impl View {
    /// Folds a log, in order.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Logged>) -> Self {
        let mut view = View::default();
        for logged in events {
            view.apply(logged);
        }
        view
    }

    /// Takes in the next event.
    pub fn apply(&mut self, logged: &Logged) {
        self.latest_ms = logged.at_ms;
        self.latest_seq = logged.seq;
        match &logged.event {
            Event::Requested { request } => {
                self.requested_ms = logged.at_ms;
                self.request = Some(request.clone());
            }
            Event::Planned {
                plan,
                merge_base,
                projects,
                commit,
                watched,
                base: _,
            } => {
                self.merge_base = Some(merge_base.clone());
                self.projects = Some(projects.clone());
                self.commit = Some(*commit);
                self.watched = *watched;
                self.problems = plan.problems.clone();
                self.rows = rows_of(plan, projects);
            }
            Event::PackagesChosen { project, packages } => {
                self.packages.set(project.clone(), packages.clone());
            }
            Event::WallsTried { walls } => self.walls = Some(walls.clone()),
            Event::BaseVerified { key, failures, .. } => {
                self.bases.insert(key.clone(), failures.clone());
            }
            // For the runs to come: see `History::good`.
            Event::WholeGood { .. } => {}
            Event::Verified { project, before } => {
                self.before.set(project.clone(), before.clone());
            }
            Event::ProjectEmptied { project } => {
                self.emptied.insert(project.clone());
            }
            Event::ProjectFailed { project, findings } => {
                self.failed.insert(project.clone(), findings.clone());
            }
            Event::Settled { settlement } => self.settlement = Some(settlement.clone()),
            Event::Ended { ending } => {
                self.ending = Some(ending.clone());
                for row in &mut self.rows {
                    if row.is_under_way() {
                        row.state = State::Stopped;
                    }
                }
            }
            event => {
                let key = event.interaction();
                if let Some(row) = key.and_then(|key| self.row_mut(key)) {
                    row.apply(event, logged.at_ms);
                }
            }
        }
    }

    /// The interaction of which a path of the repository is the spec, the function, the recording or the test.
    pub fn about(&self, path: &str) -> Option<&InteractionKey> {
        let is_about = |row: &&Row| {
            row.spec.as_ref().is_some_and(|spec| {
                let paths = spec.paths();
                let own = [&paths.function, &paths.recording, &paths.test];
                spec.path == path || own.iter().any(|own| row.project.path(own) == path)
            })
        };
        self.rows.iter().find(is_about).map(|row| &row.key)
    }

    /// The row of an interaction.
    pub fn row(&self, key: &InteractionKey) -> Option<&Row> {
        self.rows.iter().find(|row| &row.key == key)
    }

    fn row_mut(&mut self, key: &InteractionKey) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| &row.key == key)
    }

    /// What all interactions used up.
    pub fn usage(&self) -> Usage {
        self.rows
            .iter()
            .fold(Usage::default(), |sum, row| sum.plus(&row.usage))
    }

    /// How many rows were judged with this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.judgements()
            .filter(|judgement| judgement.verdict == verdict)
            .count()
    }

    /// The judgements there are, in order.
    pub fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.rows.iter().filter_map(|row| match &row.state {
            State::Judged { judgement } => Some(judgement),
            _ => None,
        })
    }

    /// What keeps all accepted functions, or those of one project, from being committed.
    pub fn whole_failures(&self) -> impl Iterator<Item = &Finding> {
        let all = match &self.settlement {
            Some(Settlement::WholeFailed { findings }) => findings.as_slice(),
            _ => &[],
        };
        all.iter().chain(self.failed.values().flatten())
    }

    /// The project of a row, where it has to be named because the repository has several.
    pub fn to_name<'a>(&self, row: &'a Row) -> Option<&'a ProjectFolder> {
        let projects = self.projects.as_ref()?;
        projects.only().is_none().then_some(&row.project)
    }

    /// What was wrong with all projects before.
    pub fn all_before(&self) -> Before {
        let each = self.before.iter().map(|(_, before)| before.clone());
        each.reduce(Before::and).unwrap_or_default()
    }

    /// The commit that was pushed, if one was.
    pub fn pushed(&self) -> Option<&Sha> {
        match &self.settlement {
            Some(Settlement::Committed { commit, .. }) => Some(commit),
            _ => None,
        }
    }
}

fn rows_of(plan: &Plan, projects: &Projects) -> Vec<Row> {
    plan.steps
        .iter()
        .map(|step| {
            let (kind, spec, state) = match step {
                Step::Build { spec, .. } => (spec.kind, Some(spec.clone()), State::Waiting),
                Step::Carry { spec, signed } => (
                    spec.kind,
                    Some(spec.clone()),
                    State::Carried {
                        dossier: signed.dossier.clone(),
                    },
                ),
                Step::Edited { spec, signed } => (
                    spec.kind,
                    Some(spec.clone()),
                    State::Edited {
                        dossier: signed.dossier.clone(),
                    },
                ),
                Step::Adopted { spec } => (spec.kind, Some(spec.clone()), State::Adopted),
                Step::TakenBack { spec } => (spec.kind, Some(spec.clone()), State::TakenBack),
                Step::Skipped { spec, skipped } => (
                    spec.kind,
                    Some(spec.clone()),
                    State::Skipped {
                        skipped: skipped.clone(),
                    },
                ),
                Step::Restore(placed) => (placed.kind, None, State::Restored),
                Step::Remove(placed) => (placed.kind, None, State::Removed),
            };
            Row {
                key: step.key().clone(),
                project: projects.of(step.project()).clone(),
                kind,
                spec,
                state,
                usage: Usage::default(),
                failed_usage: Usage::default(),
                attempts: 0,
                failures: 0,
                unended: 0,
                started_ms: None,
                took_ms: None,
                walls: None,
                dossier: None,
                guidance: Guidance::default(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_attempt_used_up_that_nobody_ended_is_counted() {
        let key: InteractionKey = "slack/users".parse().expect("a key");
        let mut row = Row {
            key: key.clone(),
            project: ProjectFolder::named("nango-integrations"),
            kind: Kind::Sync,
            spec: None,
            state: State::Waiting,
            usage: Usage::default(),
            failed_usage: Usage::default(),
            attempts: 0,
            failures: 0,
            unended: 0,
            started_ms: None,
            took_ms: None,
            walls: None,
            dossier: None,
            guidance: Guidance::default(),
        };
        let started = |attempt| Event::AttemptStarted {
            interaction: key.clone(),
            attempt,
            guidance: Guidance::default(),
        };
        let doing = |attempt, input| Event::Doing {
            interaction: key.clone(),
            attempt,
            activity: Activity::Thinking,
            usage: Usage {
                input,
                ..Usage::default()
            },
        };
        for event in [started(1), doing(1, 100), started(2)] {
            row.apply(&event, 1);
        }
        assert_eq!((row.usage.input, row.unended), (100, 2));
        row.apply(&doing(2, 30), 1);
        row.apply(&doing(2, 40), 1);
        assert_eq!(row.usage.input, 140);
    }

    #[test]
    fn what_is_called_off_stays_so_whatever_its_agent_still_does() {
        let key: InteractionKey = "slack/users".parse().expect("a key");
        let off = |off| Event::CalledOff {
            interaction: key.clone(),
            by: "ada".into(),
            comment: 1,
            off,
        };
        let row = |state: State| {
            let plan = Plan {
                steps: vec![Step::Remove(super::super::plan::Placed {
                    key: key.clone(),
                    kind: Kind::Sync,
                    project: None,
                })],
                ..Plan::default()
            };
            let mut rows = rows_of(&plan, &Projects::one(ProjectFolder::named("nango")));
            rows[0].state = state;
            rows.remove(0)
        };
        let working = || row(State::Waiting);
        let mut called_off = working();
        called_off.apply(&off(Off::Cancelled), 1);
        let failed = Event::AttemptFailed {
            interaction: key.clone(),
            attempt: 1,
            fault: "it ended".into(),
        };
        called_off.apply(&failed, 1);
        assert_eq!(called_off.state, State::CalledOff { by: "ada".into() });
        // Somebody thinks better of it.
        let reason = super::super::guidance::Words::default();
        called_off.apply(&off(Off::Skipped { reason }), 1);
        assert!(matches!(called_off.state, State::Skipped { .. }));
        // What had ended is only left alone.
        let given_up = State::GivenUp {
            cause: AttemptFault::Ours,
            fault: String::new(),
        };
        let mut ended = row(given_up.clone());
        ended.apply(&off(Off::Cancelled), 1);
        assert_eq!(ended.state, given_up);
    }
}
