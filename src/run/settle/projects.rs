//! The projects of a run, one after the other: what each of them changes, or why it cannot. One that fails keeps no other
//! from its end.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::name::InteractionKey;
use crate::domain::plan::{Placed, Step};
use crate::domain::project::ProjectFolder;
use crate::domain::tree::Edits;
use crate::domain::verdict::Parts;
use crate::rules::assemble::{AssembleProblem, assemble, takes_the_last};
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

use super::before::Before;
use super::parts::{only_new_modules, turned};
use super::settling::{InProject, Settling};

/// What settling one project came to.
pub(super) enum Outcome {
    /// It goes together.
    Fits(Change),
    /// Nothing can be put into it.
    Fails(Vec<Finding>),
}

/// What changes in a project.
#[derive(Default)]
pub(super) struct Change {
    /// Paths from the repository's root. None when it has all already.
    pub edits: Edits,
    /// The functions that these bring; not those that are there as they are.
    pub brings: Vec<InteractionKey>,
    /// What is left of the functions that it had.
    pub left: Left,
}

/// Whether a project has functions afterwards.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Left {
    /// It has, or had none.
    #[default]
    Some,
    /// The last one goes.
    Nothing,
}

impl Settling<'_> {
    /// Settles each project in which anything happens. A function that was moved goes from its old place only when its new
    /// one can be committed.
    pub(super) async fn each_project(&self) -> Result<BTreeMap<ProjectFolder, Outcome>, Fault> {
        let parts = self.parts().await?;
        let plan = &self.planned.plan;
        let mut outcomes: BTreeMap<ProjectFolder, Outcome> = BTreeMap::new();
        let mut failed: BTreeSet<ProjectFolder> = BTreeSet::new();
        let mut open: Vec<ProjectFolder> = (plan.projects(&self.checkout.settings.projects))
            .into_iter()
            .collect();
        while let Some(project) = open.pop() {
            let is_of_it = |part: &&Parts| *self.goal(part) == project;
            let (own, goes) = (
                parts.iter().filter(is_of_it).cloned().collect(),
                self.goes(&project, &parts, &failed),
            );
            let there = self.in_project(&project);
            let before = there.before(self.restores(&project)).await?;
            let outcome = there.settle(own, goes, before).await?;
            if matches!(outcome, Outcome::Fails(_)) && failed.insert(project.clone()) {
                // What was to be moved here stays, so those that had given it are looked at again.
                let given = plan.moved.iter().filter(|placed| {
                    let mut own = parts.iter().filter(is_of_it);
                    own.any(|part| part.accepted.spec().key == placed.key)
                });
                let given = given.map(|placed| self.place(placed));
                open.extend(
                    given
                        .filter(|from| outcomes.remove(*from).is_some())
                        .cloned(),
                );
            }
            outcomes.insert(project, outcome);
        }
        Ok(outcomes)
    }

    /// The project that a function is put into.
    fn goal<'a>(&'a self, part: &'a Parts) -> &'a ProjectFolder {
        self.checkout.settings.project_of(part.accepted.spec())
    }

    fn place<'a>(&'a self, placed: &'a Placed) -> &'a ProjectFolder {
        self.checkout.settings.projects.of(placed.project.as_ref())
    }

    /// What goes out of a project: functions whose spec is gone, and those that others have now.
    fn goes(
        &self,
        project: &ProjectFolder,
        parts: &[Parts],
        failed: &BTreeSet<ProjectFolder>,
    ) -> Vec<Placed> {
        let plan = &self.planned.plan;
        let gone = plan.steps.iter().filter_map(|step| match step {
            Step::Remove(placed) => Some(placed),
            Step::Build { .. }
            | Step::Carry { .. }
            | Step::Edited { .. }
            | Step::Adopted { .. }
            | Step::TakenBack { .. }
            | Step::Skipped { .. }
            | Step::Restore { .. } => None,
        });
        let moved = plan.moved.iter().filter(|placed| {
            let part = parts
                .iter()
                .find(|part| part.accepted.spec().key == placed.key);
            part.is_some_and(|part| !failed.contains(self.goal(part)))
        });
        let all = gone.chain(moved);
        all.filter(|placed| self.place(placed) == project)
            .cloned()
            .collect()
    }
}

impl InProject<'_> {
    /// Assembles the project with these functions in it, those out of it and others as they were, and verifies it as a whole.
    async fn settle(
        &self,
        parts: Vec<Parts>,
        mut goes: Vec<Placed>,
        before: Before,
    ) -> Result<Outcome, Fault> {
        goes.extend(before.none);
        let is_asked = !parts.is_empty() || !goes.is_empty() || !before.edits.is_empty();
        let fails = |problem| Outcome::Fails(vec![self.said_of_it(unfit(problem))]);
        let present = match self.present().await? {
            Ok(present) => present,
            Err(problem) if is_asked => return Ok(fails(problem)),
            Err(_) => return Ok(Outcome::Fits(Change::default())),
        };
        let parts = only_new_modules(self.run.view, parts, &present);
        let goes = goes.into_iter().map(|placed| (placed.key, placed.kind));
        let removed: Vec<_> = goes.chain(turned(&parts, &present)).collect();
        // Hundreds of sources are parsed; webhooks are answered meanwhile.
        let assembling = blocking(move || {
            let edits = assemble(&present, &parts, &removed);
            (present, parts, edits)
        });
        let (present, parts, edits) = assembling.await?;
        let edits = match edits {
            Ok(edits) => {
                let all = edits.into_iter().chain(before.edits);
                self.run.news(all.collect()).await?
            }
            Err(problem) => return Ok(fails(problem)),
        };
        if edits.is_empty() {
            return Ok(Outcome::Fits(Change::default()));
        }
        let findings = self.verify(&present, &edits, &parts).await?;
        Ok(if findings.is_empty() {
            let left = match takes_the_last(&present, &edits) {
                true => Left::Nothing,
                false => Left::Some,
            };
            Outcome::Fits(Change {
                brings: self.brought(&parts, &edits),
                edits,
                left,
            })
        } else {
            let findings = findings.into_iter();
            Outcome::Fails(findings.map(|one| self.said_of_it(one)).collect())
        })
    }
}

impl InProject<'_> {
    /// Those of the parts of which anything is among the edits.
    fn brought(&self, parts: &[Parts], edits: &Edits) -> Vec<InteractionKey> {
        let is_edited = |path: &String| edits.contains_key(&self.project.path(path));
        let is_brought = |part: &&Parts| {
            let paths = part.accepted.spec().paths();
            let own = [paths.function, paths.recording, paths.test];
            own.iter().chain(part.modules.keys()).any(is_edited)
        };
        let brought = parts.iter().filter(is_brought);
        brought
            .map(|part| part.accepted.spec().key.clone())
            .collect()
    }
}

fn unfit(problem: AssembleProblem) -> Finding {
    Finding {
        rule: "assemble".into(),
        severity: Severity::Block,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Build,
        sentence: problem.to_string(),
        evidence: Vec::new(),
    }
}
