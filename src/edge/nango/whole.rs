//! A whole project with everything in it: compiled once, all tests at once. The last look before a commit.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::clean_room::{CleanRoomStep, Outcome};
use crate::domain::limits;
use crate::domain::program::{Program, ProgramEnd, Walled};

use super::env::{environment, lay_private};
use super::files::argument;
use super::step::{ending, step};
use super::template::Template;
use super::vitest::{WholeResult, read_tests, vitest};
use super::{NangoError, command, workspace};

/// A project, exported from git together with what is to be committed, and a private folder beside it.
#[derive(Debug)]
pub struct WholeFolder {
    template: Template,
    project: PathBuf,
    private: PathBuf,
}

impl WholeFolder {
    /// Prepares the project in `project`; `private` is a folder of ours outside of it.
    ///
    /// # Errors
    /// When the project brings its own `node_modules`, or the file system refuses.
    pub fn open(template: &Template, project: &Path, private: &Path) -> Result<Self, NangoError> {
        lay_private(private)?;
        let real = |path: &Path| fs::canonicalize(path).map_err(NangoError::files("finding", path));
        let (project, private) = (real(project)?, real(private)?);
        let packages = project.join("node_modules");
        if packages.symlink_metadata().is_ok() {
            return Err(NangoError::OwnPackages { path: packages });
        }
        // What the repository carries of these is no proof that its code compiles.
        for built in ["build", ".nango/nango.json"] {
            let path = project.join(built);
            let gone = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            match gone {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(NangoError::files("removing", path)(error));
                }
                _ => {}
            }
        }
        workspace::link(template, &project)?;
        // The CLI knows a project by this folder; a repository that ignores what is in it does not bring it along.
        let mark = project.join(".nango");
        fs::create_dir_all(&mark).map_err(NangoError::files("making", &mark))?;
        Ok(Self {
            template: template.clone(),
            project,
            private,
        })
    }

    /// `nango compile`, by the real CLI.
    pub fn compile_it(&self) -> Program {
        command::compile(
            &self.template,
            &self.project,
            &self.private,
            limits::WHOLE_SECONDS,
        )
    }

    /// Passed when the exit code is 0 and the definitions were written, because the code alone proves nothing.
    pub fn read_compile(&self, end: &ProgramEnd) -> CleanRoomStep {
        let built =
            self.project.join(".nango/nango.json").is_file() && self.project.join("build").is_dir();
        if end.code == Some(0) && built {
            step(Outcome::Passed, "", end.took_ms)
        } else {
            let project = format!("{}/", argument(&self.project));
            step(
                Outcome::Failed,
                &ending(end).replace(&project, ""),
                end.took_ms,
            )
        }
    }

    /// All tests, in one process each for as many files as it takes: they are of functions that passed the clean room.
    pub fn test_it(&self) -> Program {
        let report = self.private.join("out/tests.json");
        let mut argv = vitest(&self.template, &self.project, &report, &[]);
        argv.push("--poolOptions.forks.isolate=false".to_owned());
        Program {
            argv,
            cwd: self.project.clone(),
            walled: Walled {
                writable: vec![self.project.clone(), self.private.clone()],
                readable: self.template.readable(),
                port: None,
                env: environment(&self.template, &self.private, None, "none"),
            },
            seconds: limits::WHOLE_SECONDS,
        }
    }

    /// Whether there is any test to run: after the last function went there may be none.
    pub fn has_tests(&self) -> bool {
        let is_test = |name: &std::ffi::OsStr| {
            let name = name.to_string_lossy();
            name.ends_with(".test.ts") || name.ends_with(".spec.ts")
        };
        walkdir::WalkDir::new(&self.project)
            .max_depth(limits::WORKSPACE_DEPTH)
            .into_iter()
            .filter_entry(|entry| entry.file_name() != "node_modules")
            .filter_map(Result::ok)
            .any(|entry| entry.file_type().is_file() && is_test(entry.file_name()))
    }

    /// What the tests showed.
    pub fn read_tests(&self, end: &ProgramEnd) -> WholeResult {
        read_tests(&self.private.join("out"), &self.project, end)
    }
}
