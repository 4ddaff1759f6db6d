//! vitest: how it is called, and what its report says.

use std::path::Path;

use serde::Deserialize;

use crate::domain::clean_room::{CleanRoomStep, Outcome};
use crate::domain::limits;
use crate::domain::program::ProgramEnd;

use super::files::argument;
use super::read_inside;
use super::step::{ending, step};
use super::template::Template;

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
    pub tests: CleanRoomStep,
    /// By path.
    pub files: Vec<FileResult>,
    /// What went wrong outside of tests; with it, whether there is a report at all cannot be told from `files`.
    pub outside: Option<Outside>,
}

/// What goes wrong around tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outside {
    /// There is no report, so nothing is known of any test.
    NoReport(String),
    /// vitest failed although no test did, as for an unhandled rejection.
    Unhandled(String),
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
struct VitestReport {
    test_results: Vec<ReportFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportFile {
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
        .and_then(|bytes| serde_json::from_slice::<VitestReport>(&bytes).ok());
    let Some(report) = report else {
        return no_report(end);
    };
    // vitest also fails for what goes wrong outside of tests, as an unhandled rejection.
    let outside = (end.code != Some(0)).then(|| ending(end));
    whole(&report.test_results, project, outside, end.took_ms)
}

/// Nothing was reported.
pub(super) fn no_report(end: &ProgramEnd) -> WholeResult {
    WholeResult {
        tests: step(Outcome::Failed, &ending(end), end.took_ms),
        files: Vec::new(),
        outside: Some(Outside::NoReport(ending(end))),
    }
}

/// What was reported, all together. `outside` is what went wrong, or only seems to, when no test failed.
pub(super) fn whole(
    report: &[ReportFile],
    project: &Path,
    outside: Option<String>,
    took_ms: u64,
) -> WholeResult {
    let mut files: Vec<FileResult> = report.iter().map(|file| result(file, project)).collect();
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
    let outside = outside.filter(|_| said.is_empty());
    if passed == 0 {
        said.push("no test passed".to_owned());
    }
    said.extend(outside.clone());
    let outcome = if said.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed
    };
    WholeResult {
        tests: step(outcome, &said.join("\n\n"), took_ms),
        files,
        outside: outside.map(Outside::Unhandled),
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
