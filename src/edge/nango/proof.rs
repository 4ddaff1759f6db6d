//! One process for the generated test and the probes behind it: vitest's own runner from one file, a fifth of what two starts
//! of vitest cost. It reaches no network, and is used for one function once.
//!
//! An agent's code runs in it, as in a process of vitest's. What the process goes by (the bundles of the function, the
//! recording, the nonce of the report) is taken hold of before, and what it reports is believed only together with the rest.

use serde::Deserialize;
use serde_json::json;

use crate::domain::limits;
use crate::domain::probe::{ProbeModules, ProbeOutcomes};
use crate::domain::program::{Program, ProgramEnd};

use super::clean_room::RoomFolder;
use super::files::{self, argument};
use super::quick;
use super::step::Tried;
use super::vitest::{self, ReportFile, WholeResult};
use super::{NangoError, read_inside};

/// A part of what such a process does, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The generated test.
    Test,
    /// The probes, when what is before them passed.
    Probes,
}

/// What it writes after each part.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    nonce: String,
    #[serde(default)]
    test_results: Option<Vec<ReportFile>>,
    #[serde(default)]
    outside: String,
    #[serde(default)]
    pub(super) found: Option<ProbeOutcomes>,
}

impl RoomFolder {
    /// The program that runs the generated test, and behind it the probes where one process can do both; there is one when
    /// there is a recording, and the CLI makes tests for this kind of function. It reaches no network.
    ///
    /// # Errors
    /// When its folder cannot be laid.
    pub fn test_it(
        &self,
        tried: &Tried,
        probes: &ProbeModules,
    ) -> Result<Option<Program>, NangoError> {
        let (Some(recording), Some(test)) = (&tried.recording, &tried.test) else {
            return Ok(None);
        };
        if !self.template.has_runner() {
            return self.replay_it(recording, test).map(Some);
        }
        let project = self.lay_test(recording, test)?;
        self.lay_probes(&project, probes)?;
        let seconds = limits::TEST_SECONDS + limits::PROBE_SECONDS;
        self.run_it("test", &[Part::Test, Part::Probes], seconds)
            .map(Some)
    }

    /// What the probes behind the test found, where they ran there: every probe has an outcome then.
    pub fn read_probed(&self, probes: &ProbeModules, end: &ProgramEnd) -> Option<ProbeOutcomes> {
        self.template
            .has_runner()
            .then(|| self.probed("test", probes, end))
    }

    /// The process, in the project of this folder.
    pub(super) fn run_it(
        &self,
        half: &str,
        parts: &[Part],
        seconds: u64,
    ) -> Result<Program, NangoError> {
        let out = self.dir.join(half).join("out");
        let tools = self.template.tools();
        let part = |part: Part| parts.contains(&part);
        let probes = json!({
            "entry": self.probes_entry(),
            "recording": self.spec.recording_path(),
            "job": self.probe_job(),
        });
        let job = json!({
            "nonce": self.nonce,
            "cli": tools.nango,
            "project": self.dir.join(half).join("project"),
            "report": out.join("report.json"),
            "test": part(Part::Test).then(|| self.spec.test_path()),
            "probes": part(Part::Probes).then_some(probes),
        });
        files::write(&out, "job.json", job.to_string().as_bytes())?;
        let argv = vec![
            argument(&tools.node),
            self.template.own(quick::RUNNER),
            argument(&out.join("job.json")),
        ];
        Ok(self.program(half, argv, None, "none", seconds))
    }

    /// What was reported, if the report is ours.
    pub(super) fn reported(&self, half: &str) -> Option<Report> {
        let out = self.dir.join(half).join("out");
        let bytes = read_inside(&out, "report.json", limits::ROOM_REPORT_BYTES).ok()??;
        let report: Report = serde_json::from_slice(&bytes).ok()?;
        (report.nonce == self.nonce).then_some(report)
    }

    /// How the generated test went.
    pub(super) fn tested(&self, end: &ProgramEnd) -> WholeResult {
        let half = self.dir.join("test");
        let project = half.join("project");
        if !self.template.has_runner() {
            return vitest::read_tests(&half.join("out"), &project, end);
        }
        match self.reported("test") {
            Some(Report {
                test_results: Some(files),
                outside,
                ..
            }) => {
                let outside = (!outside.is_empty()).then_some(outside);
                vitest::whole(&files, &project, outside, end.took_ms)
            }
            _ => vitest::no_report(end),
        }
    }
}
