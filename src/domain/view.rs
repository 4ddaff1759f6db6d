//! A run's log folded into what a person wants to see. Pure: the same events give the same view.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::dossier::Walls;
use super::ending::Ending;
use super::event::{Event, Logged, Settlement};
use super::failure::Before;
use super::finding::Finding;
use super::name::{Digest, InteractionKey, Sha};
use super::packages::Packages;
use super::project::{PerProject, ProjectFolder, Projects};
use super::pull::Request;
use super::row::{Row, State};
use super::settings::{Commit, Mode};
use super::transcript::Usage;
use super::verdict::{Judgement, Verdict};

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
                self.rows = (plan.steps.iter())
                    .map(|step| Row::of(step, projects))
                    .collect();
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
