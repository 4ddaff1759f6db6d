//! Files of the work tree that `new` and `import` write: specs, what they share, and the schemas for editors. Nothing that is
//! there is written over, but for schemas of ours.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::domain::name::InteractionKey;
use crate::domain::project::ProjectFolder;
use crate::domain::settings::Settings;
use crate::rules::specs::draft::{integration, integration_path, schema_path, spec_path};
use crate::rules::specs::{self, Draft, SETTINGS_PATH, SourceContent, SourceFile, Which};

use super::error::CommandError;
use super::work_tree;

/// The work tree that drafts go into.
pub struct Drafts {
    root: PathBuf,
    /// The repository's settings.
    pub settings: Settings,
}

/// Whether a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    New,
    /// There was one, which was left as it is.
    There,
}

/// A spec, and what its integration shares.
#[derive(Debug)]
pub struct WrittenSpec {
    /// Where the spec lies, from the repository's root.
    pub path: String,
    /// Whether it is new.
    pub spec: Written,
    /// Where the integration's own file lies.
    pub beside: String,
    /// Whether that is new.
    pub shared: Written,
}

impl Drafts {
    /// The repository that `folder` is in. Its settings must be right: they say where specs are.
    pub fn of(folder: &Path) -> Result<Self, CommandError> {
        let root = work_tree::root(folder)?;
        let settings = match work_tree::settings(&root)? {
            None => Settings::default(),
            Some(file) => specs::read_settings(&file).map_err(|problems| {
                let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                CommandError::Usage(told.join("\n\n"))
            })?,
        };
        let drafts = Self { root, settings };
        let specs = drafts.root.join(&drafts.settings.interactions);
        match fs::canonicalize(&specs) {
            Ok(real) if real != specs => Err(CommandError::Usage(format!(
                "{} lies behind a symbolic link, and links are not followed",
                drafts.settings.interactions
            ))),
            _ => Ok(drafts),
        }
    }

    /// The top of the repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the interaction's integration has its own file already.
    pub fn has_shared(&self, key: &InteractionKey) -> bool {
        let path = integration_path(&self.settings.interactions, &key.integration);
        self.root.join(path).exists()
    }

    /// The project that a new spec has to name, where there are several: the one that was `said`, or that its folder shares.
    ///
    /// # Errors
    /// When the one that was said is none of the repository's, and when none was said.
    pub fn project(
        &self,
        key: &InteractionKey,
        said: Option<&str>,
    ) -> Result<Option<ProjectFolder>, CommandError> {
        let projects = &self.settings.projects;
        let said = said.map(
            |said| match said.trim_start_matches("./").trim_end_matches('/') {
                "" => ProjectFolder::named("."),
                folder => ProjectFolder::named(folder),
            },
        );
        if let Some(said) = &said {
            self.knows(said)?;
        }
        if projects.only().is_some() {
            return Ok(None);
        }
        let said = said.or_else(|| self.shared_project(key));
        match said {
            Some(project) => Ok(Some(project)),
            None => Err(CommandError::Usage(format!(
                "this repository has several Nango projects; say with --project which: {}",
                projects.listed()
            ))),
        }
    }

    /// Whether the settings have this project.
    ///
    /// # Errors
    /// When they have not.
    pub fn knows(&self, project: &ProjectFolder) -> Result<(), CommandError> {
        let projects = &self.settings.projects;
        if projects.iter().any(|known| known == project) {
            return Ok(());
        }
        Err(CommandError::Usage(format!(
            "`{project}` is none of this repository's Nango projects ({}); {SETTINGS_PATH} says which there are",
            projects.listed()
        )))
    }

    /// The project of a spec that is there, when it is right.
    pub fn project_of(&self, key: &InteractionKey) -> Option<ProjectFolder> {
        let folder = &self.settings.interactions;
        let paths = [
            spec_path(folder, key),
            integration_path(folder, &key.integration),
        ];
        let files: Vec<SourceFile> = (paths.into_iter())
            .filter_map(|path| self.file(path))
            .collect();
        let mut checked = specs::check(&files, &self.settings);
        checked.specs.pop()?.project
    }

    /// The project that the interaction's integration shares.
    fn shared_project(&self, key: &InteractionKey) -> Option<ProjectFolder> {
        let beside = integration_path(&self.settings.interactions, &key.integration);
        specs::shared_project(&self.file(beside)?, &self.settings)
    }

    fn file(&self, path: String) -> Option<SourceFile> {
        let text = fs::read(self.root.join(&path)).ok()?;
        let content = SourceContent::Regular(text);
        Some(SourceFile { path, content })
    }

    /// Writes a spec that is right, and before it what its integration shares, where there is nothing yet: then with this
    /// connection, and this project where it has to be named. A spec names it itself where its folder shares another.
    ///
    /// # Errors
    /// When the spec would not be right; nothing is written then.
    pub fn write(
        &self,
        key: &InteractionKey,
        draft: &Draft,
        connection: &str,
        project: Option<&ProjectFolder>,
    ) -> Result<WrittenSpec, CommandError> {
        let folder = &self.settings.interactions;
        let (path, beside) = (
            spec_path(folder, key),
            integration_path(folder, &key.integration),
        );
        let is_shared = !self.has_shared(key) || self.shared_project(key).as_ref() == project;
        let draft = Draft {
            project: project.filter(|_| !is_shared).map(ToString::to_string),
            ..draft.clone()
        };
        let text = draft.text(folder).map_err(unsaid)?;
        let shared = match fs::read_to_string(self.root.join(&beside)) {
            Ok(there) => there,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                integration(connection, project, folder).map_err(unsaid)?
            }
            Err(error) => return Err(failed(&beside)(error)),
        };
        let files = [(&path, &text), (&beside, &shared)].map(|(path, text)| SourceFile {
            path: path.clone(),
            content: SourceContent::Regular(text.as_bytes().to_vec()),
        });
        let wrong = specs::check(&files, &self.settings).problems;
        if !wrong.is_empty() {
            let told: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            return Err(CommandError::Usage(told.join("\n\n")));
        }
        let spec = self.new_file(&path, &text)?;
        let shared = match spec {
            Written::New => self.new_file(&beside, &shared)?,
            Written::There => Written::There,
        };
        Ok(WrittenSpec {
            path,
            spec,
            beside,
            shared,
        })
    }

    /// Writes the schemas that editors complete with, where they are missing or of another version of ours.
    pub fn schemas(&self) -> Result<(), CommandError> {
        for which in [Which::Spec, Which::Integration, Which::Settings] {
            let path = schema_path(which);
            let text = format!("{:#}\n", specs::schema(which));
            let there = fs::read_to_string(self.root.join(&path)).unwrap_or_default();
            if there != text {
                let (file, failed) = (self.root.join(&path), failed(&path));
                make_parent(&file)
                    .and_then(|()| fs::write(&file, text))
                    .map_err(failed)?;
            }
        }
        Ok(())
    }

    fn new_file(&self, path: &str, text: &str) -> Result<Written, CommandError> {
        let file = self.root.join(path);
        make_parent(&file).map_err(failed(path))?;
        match fs::File::create_new(&file) {
            Ok(mut open) => open.write_all(text.as_bytes()).map_err(failed(path))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Written::There),
            Err(error) => return Err(failed(path)(error)),
        }
        Ok(Written::New)
    }
}

fn make_parent(file: &Path) -> std::io::Result<()> {
    file.parent().map_or(Ok(()), fs::create_dir_all)
}

fn failed(path: &str) -> impl Fn(std::io::Error) -> CommandError + use<> {
    let path = path.to_owned();
    move |error| CommandError::Usage(format!("{path}: {error}"))
}

fn unsaid(error: serde_saphyr::ser::Error) -> CommandError {
    CommandError::Usage(format!("the spec cannot be said in YAML: {error}"))
}
