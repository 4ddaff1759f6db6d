//! Everything that fails in a project, where the CLI's own commands end at the first thing that does.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use crate::domain::clean_room::Trial;
use crate::domain::failure::{Failure, Good, Stage, Survey};
use crate::domain::limits;
use crate::domain::program::{Program, ProgramEnd};

use super::files::{self, argument};
use super::step::ending;
use super::vitest::{Outside, WholeResult};
use super::whole::WholeFolder;
use super::{NangoError, read_inside};

/// What `survey.mjs` is to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Types and builds of all functions. No function runs.
    Code,
    /// What functions say of themselves, those of one integration together, as source paths.
    Definitions(Vec<Vec<String>>),
}

#[derive(Default, Deserialize)]
struct SurveyReport {
    nonce: String,
    ended: bool,
    #[serde(default)]
    failures: Vec<Failure>,
    #[serde(default)]
    good: BTreeSet<String>,
}

impl WholeFolder {
    /// The program that looks at a part. `nonce` is a secret of this look.
    ///
    /// # Errors
    /// When its job cannot be written.
    pub fn survey(&self, part: &Part, nonce: &str) -> Result<Program, NangoError> {
        let entry = |path: &String| format!("./{}.js", path.trim_end_matches(".ts"));
        let (word, integrations) = match part {
            Part::Code => ("code", Vec::new()),
            Part::Definitions(all) => ("definitions", all.clone()),
        };
        let integrations: Vec<Vec<String>> = integrations
            .iter()
            .map(|paths| paths.iter().map(entry).collect())
            .collect();
        let tools = self.template.tools();
        let out = self.private.join("out");
        let job = json!({
            "nonce": nonce,
            "cli": tools.node_modules.join("nango"),
            "project": self.project,
            "report": out.join("survey.json"),
            "draft": out.join(format!("index-{nonce}")),
            "part": word,
            "integrations": integrations,
            "said_chars": limits::FAILURE_CHARS,
            "build_seconds": limits::SURVEYED_BUILD_SECONDS,
        });
        files::write(&out, "job.json", job.to_string().as_bytes())?;
        Ok(self.program(vec![
            argument(&tools.node),
            self.template.own("survey.mjs"),
            argument(&out.join("job.json")),
        ]))
    }

    /// What it found. One that did not come to its end is a failure of the program, and nothing is good then.
    pub fn read_survey(&self, nonce: &str, end: &ProgramEnd) -> Survey {
        let out = self.private.join("out");
        let bytes = read_inside(&out, "survey.json", limits::ROOM_REPORT_BYTES);
        let report = bytes
            .ok()
            .flatten()
            .and_then(|bytes| serde_json::from_slice::<SurveyReport>(&bytes).ok())
            .filter(|report| report.nonce == nonce && report.ended);
        match report {
            Some(report) => Survey {
                failures: report.failures,
                good: Good::Only(report.good),
            },
            None => Survey {
                failures: vec![program(Trial::Compile.word(), &ending(end))],
                good: Good::default(),
            },
        }
    }
}

impl WholeResult {
    /// The same as failures: tests by their names, and what went wrong around them.
    pub fn survey(&self) -> Survey {
        let files = self.files.iter().filter(|file| file.failed.is_empty());
        let good = files.filter(|file| file.passed > 0 && file.skipped == 0);
        let failures = self.files.iter().flat_map(|file| {
            file.failed.iter().map(|(test, why)| Failure {
                stage: Stage::Tests,
                file: Some(file.path.clone()),
                what: test.clone(),
                said: without_stack(why),
                line: None,
            })
        });
        let outside = self.outside.as_ref().map(|outside| match outside {
            Outside::NoReport(said) => program(Trial::Tests.word(), said),
            Outside::Unhandled(said) => program("unhandled", said),
        });
        Survey {
            failures: failures.chain(outside).collect(),
            good: Good::Only(good.map(|file| file.path.clone()).collect()),
        }
    }
}

/// A program that did not say what it should.
fn program(what: &str, said: &str) -> Failure {
    Failure {
        stage: Stage::Program,
        file: None,
        what: what.to_owned(),
        said: cut(said),
        line: None,
    }
}

/// What a test said, without the places in programs.
fn without_stack(why: &str) -> String {
    let lines = why.lines().filter(|line| !line.starts_with("    at "));
    cut(lines.collect::<Vec<_>>().join("\n").trim())
}

fn cut(said: &str) -> String {
    let plain = console::strip_ansi_codes(said);
    plain.chars().take(limits::FAILURE_CHARS).collect()
}
