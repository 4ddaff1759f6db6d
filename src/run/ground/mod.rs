//! The ground that agents begin on: their project as it stands at the head, and the function in it.

mod beginning;
mod modules;
mod neighbours;
mod project;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::domain::ground::Ground;
use crate::domain::history::History;
use crate::domain::neighbour::NotTried;
use crate::domain::project::ProjectFolder;
use crate::domain::pull::Cause;
use crate::domain::spec::Spec;
use crate::edge::blobs::Dossiers;
use crate::edge::git::GitError;
use crate::edge::nango::{Contents, scaffold};
use crate::rules::ground::neighbours::{ToTry, neighbours};
use crate::rules::ground::{helpers, shown, usable};

use beginning::{Beginnings, Begins};
pub use modules::TakenModules;
pub use neighbours::HeadFunction;
pub use project::Project;

use super::asked::Asked;
use super::blocking::blocking;
use super::fault::Fault;
use super::fetch::Checkout;

/// What all builds of a run begin on.
#[derive(Debug, Clone)]
pub struct GroundOfRun {
    beginnings: Beginnings,
    projects: BTreeMap<ProjectFolder, OnceCell<Arc<Project>>>,
}

impl GroundOfRun {
    /// Of a run with this cause that is asked for this; `history` is that of its pull request.
    pub fn new(checkout: &Checkout, history: &History, cause: &Cause, asked: &Asked) -> Self {
        let beginnings = Beginnings {
            checkout: checkout.clone(),
            history: history.clone(),
            start: cause.start().clone(),
            asked_by: cause.asked_by().map(str::to_owned),
            moved: asked.moved().to_vec(),
        };
        let projects = asked.projects(&checkout.settings.projects);
        Self {
            beginnings,
            projects: (projects.into_iter())
                .map(|project| (project, OnceCell::new()))
                .collect(),
        }
    }

    /// A project at the head, read once.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub async fn project(&self, folder: &ProjectFolder) -> Result<Arc<Project>, Fault> {
        let read = || async {
            let (checkout, folder) = (self.beginnings.checkout.clone(), folder.clone());
            let read = blocking(move || Project::read(&checkout, &folder)).await?;
            read.map(Arc::new).map_err(unread)
        };
        match self.projects.get(folder) {
            Some(known) => known.get_or_try_init(read).await.cloned(),
            None => read().await,
        }
    }

    /// What an attempt at `spec` begins on.
    ///
    /// # Errors
    /// When the commits cannot be read.
    pub async fn of(&self, spec: &Spec, dossiers: &Dossiers) -> Result<Laid, Fault> {
        let settings = &self.beginnings.checkout.settings;
        let project = self.project(settings.project_of(spec)).await?;
        let (beginnings, spec) = (self.beginnings.clone(), spec.clone());
        let dossiers = dossiers.clone();
        let laid = blocking(move || {
            let begins = beginnings.look(&spec, &dossiers)?;
            Ok::<_, GitError>(Laid {
                folders: helpers::folders(&spec, &beginnings.checkout.settings.helpers),
                begins,
                project,
                spec,
                checkout: beginnings.checkout,
            })
        });
        laid.await?.map_err(unread)
    }
}

fn unread(error: GitError) -> Fault {
    Fault::passing("read the project at the head", error)
}

/// What one attempt begins on, with the contents.
#[derive(Debug, Clone)]
pub struct Laid {
    begins: Begins,
    project: Arc<Project>,
    spec: Spec,
    folders: Vec<String>,
    checkout: Checkout,
}

impl Laid {
    /// Where the agent may write modules.
    pub fn folders(&self) -> &[String] {
        &self.folders
    }

    /// The modules that `function` brings along. Blocks.
    pub fn modules(&self, workspace: &Path, function: &[u8]) -> TakenModules {
        let function = String::from_utf8_lossy(function);
        modules::taken(
            &self.project,
            workspace,
            &self.folders,
            &self.spec,
            &function,
        )
    }

    /// The other functions at the head that import what was changed of these modules, by path.
    pub fn neighbours(&self, taken: &TakenModules) -> Vec<(String, Result<ToTry, NotTried>)> {
        let texts = taken.sources.iter().filter_map(|source| {
            let text = std::str::from_utf8(&source.bytes).ok()?;
            Some((source.path.clone(), text.to_owned()))
        });
        neighbours(
            &self.spec.key,
            &taken.modules,
            &texts.collect(),
            &self.project.files,
        )
    }

    /// One of them with all that the head has to try it with. Blocks.
    ///
    /// # Errors
    /// When the commit cannot be read.
    pub fn at_head(&self, files: ToTry) -> Result<HeadFunction, Fault> {
        let folder = self.checkout.settings.project_of(&self.spec);
        neighbours::at_head(&self.checkout, folder, files).map_err(unread)
    }

    /// What the function is at first.
    pub fn begins_from(&self) -> Vec<u8> {
        match self.begins.given() {
            Some(source) => source.to_vec(),
            None => scaffold(&self.spec).into_bytes(),
        }
    }

    /// What lies in the workspace besides, read-only.
    pub fn shown(&self) -> Vec<(&str, &str)> {
        shown::choose(&self.project.files, &self.spec).0
    }

    /// What the agent is told of it.
    pub fn told(&self) -> Ground {
        let (shown, left_out) = shown::choose(&self.project.files, &self.spec);
        let (modules, unusable) = usable::modules(&self.project.files, &self.spec);
        Ground {
            beginning: self.begins.beginning.clone(),
            change: self.begins.change.clone(),
            shown: shown.len(),
            left_out: left_out + self.project.left_out,
            modules,
            unusable,
        }
    }

    /// What of it is evidence besides what lies in the workspace.
    pub fn contents(&self) -> Contents {
        let former = self.begins.beginning.former().cloned();
        former.into_iter().zip(self.begins.source.clone()).collect()
    }
}
