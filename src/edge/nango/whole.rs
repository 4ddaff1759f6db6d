//! A whole project with everything in it: compiled once, all tests at once. The last look before a commit.

use std::fs;
use std::path::{Path, PathBuf};

use crate::domain::clean_room::{CleanRoomStep, Outcome};
use crate::domain::failure::TestFile;
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::program::{Program, ProgramEnd, Walled};
use crate::domain::tree::ProjectFiles;

use super::command::CompileFolder;
use super::env::{environment, lay_private};
use super::files::{self, argument};
use super::template::Template;
use super::vitest::{WholeResult, read_tests, vitest};
use super::{NangoError, command, read_inside, workspace};

/// What the repository carries of these is not used: what was built proves nothing, packages come from the tool chain, and
/// neither the CLI nor our tests go by a TypeScript configuration, which only fails them where it cannot be read.
const UNUSED: [&str; 5] = [
    "build",
    ".nango/nango.json",
    "node_modules",
    "tsconfig.json",
    "jsconfig.json",
];

/// A project, exported from git together with what is to be committed, and a private folder beside it.
#[derive(Debug)]
pub struct WholeFolder {
    pub(super) template: Template,
    pub(super) project: PathBuf,
    pub(super) private: PathBuf,
}

impl WholeFolder {
    /// Prepares the project in `project`; `private` is a folder of ours outside of it.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn open(template: &Template, project: &Path, private: &Path) -> Result<Self, NangoError> {
        lay_private(private)?;
        let real = |path: &Path| fs::canonicalize(path).map_err(NangoError::files("finding", path));
        let (project, private) = (real(project)?, real(private)?);
        for unused in UNUSED {
            let path = project.join(unused);
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
        self.compile_folder().pinned()
    }

    /// The same, sooner: by the quick CLI, which asks at the witness's `port` with `key`. Nothing where there is none.
    pub fn compile_quickly(&self, port: u16, key: &str) -> Option<Program> {
        self.compile_folder().quick(port, key)
    }

    fn compile_folder(&self) -> CompileFolder<'_> {
        CompileFolder {
            template: &self.template,
            project: &self.project,
            private: &self.private,
            seconds: limits::WHOLE_SECONDS,
        }
    }

    /// How that ended.
    pub fn read_compile(&self, end: &ProgramEnd) -> CleanRoomStep {
        command::compiled(&self.project, end, Outcome::Failed)
    }

    /// All tests but those at `aside`, in one process each for as many files as it takes: ours are of functions that passed
    /// the clean room. When there are any in `only`, these and no others. Paths are from the project's root.
    pub fn test_it(&self, only: &[String], aside: &[String]) -> Program {
        let mut argv = self.vitest(only, aside);
        argv.push("--poolOptions.forks.isolate=false".to_owned());
        self.program(argv)
    }

    /// The same, each file in a process of its own.
    pub fn test_apart(&self, only: &[String], aside: &[String]) -> Program {
        self.program(self.vitest(only, aside))
    }

    fn vitest(&self, only: &[String], aside: &[String]) -> Vec<String> {
        let report = self.private.join("out/tests.json");
        // What a run before left is no report of this one. Nothing there is nothing to remove.
        let _ = fs::remove_file(&report);
        let mut argv = vitest(&self.template, &self.project, &report, only);
        // vitest takes every path that has one of `only` in it.
        let excluded = aside
            .iter()
            .map(|path| format!("--exclude={}", literally(path)));
        argv.extend(excluded);
        argv
    }

    /// Its index, with these functions only.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn list_only(&self, functions: &[String]) -> Result<(), NangoError> {
        let line = |path: &String| format!("import './{}.js';\n", path.trim_end_matches(".ts"));
        let index: String = functions.iter().map(line).collect();
        files::write(&self.project, "index.ts", index.as_bytes())
    }

    /// What is in it, without packages and folders that Nango makes; nothing of a project that is too large to look at.
    pub fn files(&self) -> Option<ProjectFiles> {
        let mut found = ProjectFiles::default();
        let mut room = limits::PROJECT_BYTES;
        let entries = walkdir::WalkDir::new(&self.project)
            .max_depth(limits::WORKSPACE_DEPTH)
            .into_iter()
            .filter_entry(|entry| entry.file_name() != "node_modules");
        for entry in entries {
            let entry = entry.ok()?;
            if entry.file_type().is_dir() {
                continue;
            }
            let path = argument(entry.path().strip_prefix(&self.project).ok()?);
            // A link leads to what is not looked at here.
            let bytes = read_inside(&self.project, &path, limits::BLOB_BYTES).ok()??;
            let digest = Digest::of(&bytes);
            match String::from_utf8(bytes) {
                Ok(text) if path.ends_with(".ts") => {
                    room = room.checked_sub(text.len())?;
                    found.sources.insert(path, text);
                }
                _ => {
                    found.others.insert(path, digest);
                }
            }
            if found.sources.len() + found.others.len() > limits::PROJECT_FILES {
                return None;
            }
        }
        Some(found)
    }

    /// A program in the project that reaches no network.
    pub(super) fn program(&self, argv: Vec<String>) -> Program {
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

    /// Every file that some runner may take for a test, by path. The project's own `node_modules` are no part of it.
    pub fn tests(&self) -> Vec<TestFile> {
        let files = walkdir::WalkDir::new(&self.project)
            .max_depth(limits::WORKSPACE_DEPTH)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.file_name() != "node_modules")
            .filter_map(Result::ok)
            .filter(|entry| {
                entry.file_type().is_file() && is_test(&entry.file_name().to_string_lossy())
            });
        files
            .filter_map(|entry| {
                let path = argument(entry.path().strip_prefix(&self.project).ok()?);
                let bytes = read_inside(&self.project, &path, limits::TEST_FILE_BYTES);
                let bytes = bytes.ok().flatten().unwrap_or_default();
                Some(TestFile {
                    path,
                    text: String::from_utf8_lossy(&bytes).into_owned(),
                })
            })
            .collect()
    }

    /// What the tests showed.
    pub fn read_tests(&self, end: &ProgramEnd) -> WholeResult {
        read_tests(&self.private.join("out"), &self.project, end)
    }
}

/// `x.test.ts`, `x.spec.js` and their like.
fn is_test(name: &str) -> bool {
    let Some((stem, kind)) = name.rsplit_once('.') else {
        return false;
    };
    let is_code = ["ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx"].contains(&kind);
    is_code && (stem.ends_with(".test") || stem.ends_with(".spec"))
}

/// A path as a pattern that fits it alone.
fn literally(path: &str) -> String {
    let mut pattern = String::new();
    for sign in path.chars() {
        if "\\()[]{}!*?|@+".contains(sign) {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern
}
