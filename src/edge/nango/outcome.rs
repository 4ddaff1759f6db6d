//! What the clean room's first process left: its report, the recording, the definitions. Hints of a process in which an
//! agent's code ran, so each is bounded, and only believed as far as it has to be.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::clean_room::{CleanRoomStep, Outcome};
use crate::domain::limits;
use crate::domain::program::ProgramEnd;
use crate::domain::spec::Kind;

use super::clean_room::RoomFolder;
use super::files::argument;
use super::step::{Tried, ending, step};
use super::{NangoError, read_inside, render, strip_headers};

/// What `room.mjs` writes.
#[derive(Default, Deserialize)]
struct RoomReport {
    nonce: String,
    #[serde(default)]
    steps: BTreeMap<String, StepReport>,
}

#[derive(Deserialize)]
struct StepReport {
    passed: bool,
    said: String,
    took_ms: u64,
}

impl RoomFolder {
    /// Reads what the first program left.
    ///
    /// # Errors
    /// When no test can be made for the recording; never because of what the function did.
    pub fn read_tried(&self, end: &ProgramEnd) -> Result<Tried, NangoError> {
        let Some(report) = self.report() else {
            // Not even begun: nothing of the agent's had been loaded then.
            let broken = step(Outcome::Broken, &ending(end), end.took_ms);
            return Ok(Tried::none(broken, CleanRoomStep::skipped()));
        };
        let ended = || step(Outcome::Failed, &ending(end), end.took_ms);
        let Some(compile) = report.steps.get("compile") else {
            return Ok(Tried::none(ended(), CleanRoomStep::skipped()));
        };
        let compile = self.judged(compile, Outcome::Failed);
        if !compile.passed() {
            return Ok(Tried::none(compile, CleanRoomStep::skipped()));
        }
        let Some(dry_run) = report.steps.get("dry_run") else {
            return Ok(Tried::none(compile, ended()));
        };
        let validate = self.judged(dry_run, dry_run_failed(&dry_run.said));
        if !validate.passed() {
            return Ok(Tried::none(compile, validate));
        }
        let found = read_inside(
            &self.tried("project"),
            &self.spec.recording_path(),
            limits::RECORDING_BYTES,
        );
        let why_not = match found {
            Ok(Some(bytes)) if is_recording(&bytes) => {
                return self.recorded(compile, validate, bytes);
            }
            Ok(Some(_)) => "the recording is not in the CLI's format".to_owned(),
            Ok(None) => "the dry run left no recording".to_owned(),
            Err(why) => format!("the recording {why}"),
        };
        Ok(Tried {
            compile,
            save: step(Outcome::Failed, &why_not, validate.took_ms),
            validate,
            recording: None,
            saved: None,
            test: None,
        })
    }

    fn recorded(
        &self,
        compile: CleanRoomStep,
        validate: CleanRoomStep,
        bytes: Vec<u8>,
    ) -> Result<Tried, NangoError> {
        let recording = strip_headers::tidy(bytes);
        let test = render::test_file(&self.template, &self.spec, &self.models())?;
        Ok(Tried {
            compile,
            save: step(Outcome::Passed, "", validate.took_ms),
            validate,
            recording: Some(recording),
            saved: None,
            test: test.map(String::into_bytes),
        })
    }

    /// The report, `None` when there is none. One that is not ours, or cannot be read, says nothing at all: something in
    /// that process wrote over it.
    fn report(&self) -> Option<RoomReport> {
        let read = read_inside(&self.tried("out"), "report.json", limits::ROOM_REPORT_BYTES);
        let bytes = read.unwrap_or_else(|_| Some(Vec::new()))?;
        let report: RoomReport = serde_json::from_slice(&bytes).unwrap_or_default();
        let ours = report.nonce == self.nonce;
        Some(if ours { report } else { RoomReport::default() })
    }

    fn judged(&self, said: &StepReport, when_failed: Outcome) -> CleanRoomStep {
        let outcome = if said.passed {
            Outcome::Passed
        } else {
            when_failed
        };
        let project = format!("{}/", argument(&self.tried("project")));
        let text = if said.passed {
            String::new()
        } else {
            said.said.replace(&project, "")
        };
        step(outcome, &text, said.took_ms)
    }

    /// The names of a sync's models, from the definitions that the CLI wrote; only names that it would accept.
    pub(super) fn models(&self) -> Vec<String> {
        if self.spec.kind != Kind::Sync {
            return Vec::new();
        }
        let found = read_inside(
            &self.tried("project"),
            ".nango/nango.json",
            limits::ROOM_REPORT_BYTES,
        );
        let Ok(Some(bytes)) = found else {
            return Vec::new();
        };
        let definitions: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let syncs = definitions
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|integration| integration["syncs"].as_array())
            .flatten();
        syncs
            .filter(|sync| sync["name"] == self.spec.key.name.as_str())
            .filter_map(|sync| sync["output"].as_array())
            .flatten()
            .filter_map(Value::as_str)
            .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
            .map(str::to_owned)
            .collect()
    }
}

/// Before the function runs, the CLI asks for the connection and the integration. When that fails, nothing is known about
/// the function.
fn dry_run_failed(said: &str) -> Outcome {
    let function_ran = said.contains("An error occurred during execution");
    let asking_failed = [
        "AxiosError",
        "Connection not found",
        "ECONNREFUSED",
        "config is empty",
    ]
    .iter()
    .any(|sign| said.contains(sign));
    if asking_failed && !function_ran {
        Outcome::Broken
    } else {
        Outcome::Failed
    }
}

/// Whether this is a recording in the CLI's format, by its form.
pub fn is_recording(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Value>(bytes)
        .is_ok_and(|value| value["api"].is_object() && value["nango"].is_object())
}
