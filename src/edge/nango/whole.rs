//! A whole project with everything in it: compiled once, all tests at once. The last look before a commit.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::clean_room::{Outcome, Step};
use crate::domain::limits;
use crate::domain::program::{Program, ProgramEnd, Walled};

use super::clean_room::{ending, step};
use super::env::{environment, lay_private};
use super::files::argument;
use super::template::Template;
use super::{NangoError, command, read_inside, workspace};

/// A project, exported from git together with what is to be committed, and a private folder beside it.
#[derive(Debug)]
pub struct WholeFolder {
    template: Template,
    project: PathBuf,
    private: PathBuf,
}

/// How one test file went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileResult {
    /// From the project's root.
    pub path: String,
    /// Tests that passed.
    pub passed: u32,
    /// Tests that were skipped or are to be written; a file of ours has none.
    pub skipped: u32,
    /// Tests that failed, with why; a file that cannot be loaded is one with an empty name.
    pub failed: Vec<(String, String)>,
}

/// How all tests went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeResult {
    /// All together. Passed when at least one test passed, none failed and none was skipped.
    pub tests: Step,
    /// By path.
    pub files: Vec<FileResult>,
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
    pub fn read_compile(&self, end: &ProgramEnd) -> Step {
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

/// vitest with our configuration; `only` are paths from the project's root, all tests when empty.
pub(super) fn vitest(
    template: &Template,
    project: &Path,
    report: &Path,
    only: &[String],
) -> Vec<String> {
    let tools = template.tools();
    let mut argv = vec![
        argument(&tools.node),
        argument(&tools.vitest),
        "run".to_owned(),
    ];
    argv.extend(only.iter().cloned());
    argv.extend([
        format!("--config={}", template.own("vitest.config.cjs")),
        format!("--root={}", argument(project)),
        "--reporter=json".to_owned(),
        format!("--outputFile={}", argument(report)),
    ]);
    argv
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    test_results: Vec<ReportFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportFile {
    name: String,
    status: String,
    #[serde(default)]
    message: String,
    assertion_results: Vec<ReportTest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReportTest {
    full_name: String,
    status: String,
    #[serde(default)]
    failure_messages: Option<Vec<String>>,
}

/// Reads vitest's report from `out`.
pub(super) fn read_tests(out: &Path, project: &Path, end: &ProgramEnd) -> WholeResult {
    let bytes = read_inside(out, "tests.json", limits::ROOM_REPORT_BYTES);
    let report = bytes
        .ok()
        .flatten()
        .and_then(|bytes| serde_json::from_slice::<Report>(&bytes).ok());
    let Some(report) = report else {
        return WholeResult {
            tests: step(Outcome::Failed, &ending(end), end.took_ms),
            files: Vec::new(),
        };
    };
    let mut files: Vec<FileResult> = report
        .test_results
        .iter()
        .map(|file| result(file, project))
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let passed: u32 = files.iter().map(|file| file.passed).sum();
    let mut said: Vec<String> = files
        .iter()
        .flat_map(|file| {
            file.failed
                .iter()
                .map(|(test, why)| format!("{} {test}\n{why}", file.path))
        })
        .collect();
    if passed == 0 {
        said.push("no test passed".to_owned());
    }
    // vitest also fails for what goes wrong outside of tests, as an unhandled rejection.
    if said.is_empty() && end.code != Some(0) {
        said.push(ending(end));
    }
    let outcome = if said.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed
    };
    WholeResult {
        tests: step(outcome, &said.join("\n\n"), end.took_ms),
        files,
    }
}

fn result(file: &ReportFile, project: &Path) -> FileResult {
    let path = Path::new(&file.name);
    let path = path.strip_prefix(project).unwrap_or(path);
    let project = format!("{}/", argument(project));
    let mut result = FileResult {
        path: path.to_string_lossy().into_owned(),
        passed: 0,
        skipped: 0,
        failed: Vec::new(),
    };
    for test in &file.assertion_results {
        match test.status.as_str() {
            "passed" => result.passed += 1,
            "failed" => {
                let why = test.failure_messages.clone().unwrap_or_default().join("\n");
                result
                    .failed
                    .push((test.full_name.clone(), why.replace(&project, "")));
            }
            _ => result.skipped += 1,
        }
    }
    if file.status != "passed" && result.failed.is_empty() {
        let why = file.message.replace(&project, "");
        result.failed.push((String::new(), why));
    }
    result
}
