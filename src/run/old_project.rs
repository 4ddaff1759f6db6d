//! Projects from before Nango's functions described themselves: nothing can be put into them, which is said before any agent
//! begins. The other projects of a repository are none the worse for it.

use std::collections::BTreeSet;

use crate::domain::ending::Ending;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::plan::Placed;
use crate::domain::project::ProjectFolder;
use crate::domain::spec::Spec;
use crate::edge::git::GitError;
use crate::rules::assemble::{AssembleProblem, YAML};

use super::asked::{Asked, Wanted};
use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;

/// What is left when functions for old projects are refused.
pub enum Left {
    /// This can be worked on.
    Rest(Asked),
    /// Nothing.
    End(Ending),
}

/// Refuses what is asked for old projects: the run as a whole when all of it is, and otherwise with a finding for each.
pub async fn refuse(checkout: &Checkout, asked: Asked) -> Result<Left, Fault> {
    let mut wanted = match asked {
        Asked::Anew(wanted) => wanted,
        planned @ Asked::Planned(_) => return Ok(Left::Rest(planned)),
    };
    let projects = &checkout.settings.projects;
    let asking: BTreeSet<ProjectFolder> = (wanted.specs.iter())
        .map(|spec| checkout.settings.project_of(spec).clone())
        .collect();
    let old = old(checkout, asking).await?;
    if !old.is_empty() && old == wanted.projects(projects) {
        let each: Vec<String> = old.iter().map(sentence).collect();
        return Ok(Left::End(Ending::Declined {
            why: each.join(" "),
        }));
    }
    for project in &old {
        let of_it = |spec: &Spec| checkout.settings.project_of(spec) == project;
        let (refused, rest): (Vec<Spec>, Vec<Spec>) = wanted.specs.into_iter().partition(of_it);
        let is_refused = |placed: &Placed| refused.iter().any(|spec| spec.key == placed.key);
        wanted = Wanted {
            moved: (wanted.moved.into_iter())
                .filter(|placed| !is_refused(placed))
                .collect(),
            problems: (wanted.problems.into_iter())
                .chain(finding(project, &refused))
                .collect(),
            refused: (wanted.refused.into_iter())
                .chain(refused.iter().map(|spec| spec.key.clone()))
                .collect(),
            specs: rest,
            ..wanted
        };
    }
    Ok(Left::Rest(Asked::Anew(wanted)))
}

/// Those of the projects that are old at the head.
async fn old(
    checkout: &Checkout,
    projects: BTreeSet<ProjectFolder>,
) -> Result<BTreeSet<ProjectFolder>, Fault> {
    let (mirror, head) = (checkout.mirror.clone(), checkout.head.clone());
    let old = blocking(move || {
        let mut old = BTreeSet::new();
        for project in projects {
            match mirror.entry(&head, &project.path(YAML)) {
                Ok(Some(_)) => {
                    old.insert(project);
                }
                Ok(None) | Err(GitError::NotAFile { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(old)
    });
    old.await?
        .map_err(|e: GitError| Fault::passing("look at the project", e))
}

fn sentence(project: &ProjectFolder) -> String {
    let problem = AssembleProblem::Yaml(project.path(YAML));
    format!("{problem}, commit what it makes, and comment `/retry`.")
}

/// What is not built for the project's sake, at the first of its specs.
fn finding(project: &ProjectFolder, refused: &[Spec]) -> Option<Finding> {
    let first = refused.first()?;
    let others = match refused.len() {
        1 => String::new(),
        more => format!(" and {} more", more - 1),
    };
    let sentence = format!(
        "Nothing was built of {}{others}: {}",
        first.key,
        sentence(project)
    );
    Some(Finding::new(
        "old-project",
        Severity::Block,
        Confidence::Proven,
        Place::Repository {
            path: first.path.clone(),
            line: first.line,
        },
        sentence,
        Vec::new(),
    ))
}
