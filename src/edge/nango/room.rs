//! The clean room: a fresh project with nothing of an agent's but one source file, in which we find out what it does.
//!
//! ```text
//! RoomFolder::lay ─► try_it() ─► read_tried ─► Tried ─► test_it() ─► conclude ─► (Room, Contents)
//!                    program 1                          program 2
//! ```
//!
//! The function is dry-run once: `--save` implies validation, and an action that writes would otherwise do so twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::program::{Program, ProgramEnd, Walled};
use crate::domain::room::{Outcome, Room, Step, Taken};
use crate::domain::spec::{Kind, Spec};

use super::env::environment;
use super::files::{self, argument};
use super::template::Template;
use super::{NangoError, command, read_inside, render, tidy, workspace};

/// What the room makes, by digest: the source, the recording, the test.
pub type Contents = BTreeMap<Digest, Vec<u8>>;

/// A clean room for one function.
#[derive(Debug)]
pub struct RoomFolder {
    template: Template,
    spec: Spec,
    source: Vec<u8>,
    dir: PathBuf,
    nonce: String,
}

/// What compiling and dry-running showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The real type check, bundling and definitions.
    pub compile: Step,
    /// The dry run: every value against the function's schemas.
    pub validate: Step,
    /// Whether the dry run left a recording.
    pub save: Step,
    /// The recording.
    pub recording: Option<Vec<u8>>,
    /// The generated test, laid beside the recording.
    pub test: Option<Vec<u8>>,
}

/// What `room.mjs` writes.
#[derive(Default, Deserialize)]
struct Report {
    nonce: String,
    #[serde(default)]
    steps: BTreeMap<String, Said>,
}

#[derive(Deserialize)]
struct Said {
    passed: bool,
    said: String,
    took_ms: u64,
}

impl RoomFolder {
    /// Lays a clean room into `dir`, which must be empty or absent. `nonce` is a secret of this room.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn lay(
        template: &Template,
        dir: &Path,
        spec: &Spec,
        source: &[u8],
        nonce: &str,
    ) -> Result<Self, NangoError> {
        for name in ["home", "tmp", "out"] {
            files::make(&dir.join(name))?;
        }
        let dir = fs::canonicalize(dir).map_err(NangoError::files("finding", dir))?;
        workspace::project(template, &dir.join("project"), spec, source)?;
        Ok(Self {
            template: template.clone(),
            spec: spec.clone(),
            source: source.to_vec(),
            dir,
            nonce: nonce.to_owned(),
        })
    }

    /// The Nango project in it.
    pub fn project(&self) -> PathBuf {
        self.dir.join("project")
    }

    /// The program that compiles and dry-runs. `port` is the witness's, `key` names this room to it.
    ///
    /// # Errors
    /// When its job cannot be written.
    pub fn try_it(&self, port: u16, key: &str) -> Result<Program, NangoError> {
        let tools = self.template.tools();
        let job = json!({
            "nonce": self.nonce,
            "cli": tools.node_modules.join("nango/dist"),
            "project": self.project(),
            "report": self.dir.join("out/tried.json"),
            "name": self.spec.key.name,
            // The CLI knows an integration by its folder.
            "integration": self.spec.key.integration,
            "connection": self.spec.connection,
            "input": command::input(&self.spec),
            "metadata": command::metadata(&self.spec),
        });
        files::write(&self.dir, "out/job.json", job.to_string().as_bytes())?;
        let argv = vec![
            argument(&tools.node),
            self.template.own("room.mjs"),
            argument(&self.dir.join("out/job.json")),
        ];
        Ok(self.program(argv, Some(port), key, limits::ROOM_SECONDS))
    }

    /// Reads what the first program left, and lays the generated test beside the recording.
    ///
    /// # Errors
    /// When the test cannot be written; never because of what the function did.
    pub fn read_tried(&self, end: &ProgramEnd) -> Result<Tried, NangoError> {
        let report = self.report();
        let outside = || Said {
            passed: false,
            said: String::new(),
            took_ms: end.took_ms,
        };
        let Some(report) = report else {
            // Not even begun: nothing of the agent's had been loaded then.
            let broken = step(Outcome::Broken, &ending(end), end.took_ms);
            return Ok(Tried::none(broken, Step::skipped()));
        };
        let Some(compile) = report.steps.get("compile") else {
            let failed = step(Outcome::Failed, &ending(end), end.took_ms);
            return Ok(Tried::none(failed, Step::skipped()));
        };
        let compiled = self.judged(compile, Outcome::Failed);
        if !compiled.passed() {
            return Ok(Tried::none(compiled, Step::skipped()));
        }
        let unsaid = outside();
        let (ran, missing) = match report.steps.get("dry_run") {
            Some(ran) => (ran, false),
            None => (&unsaid, true),
        };
        let mut validate = self.judged(ran, dry_run_failed(&ran.said));
        if missing {
            validate.said = ending(end);
        }
        if !validate.passed() {
            return Ok(Tried::none(compiled, validate));
        }
        let found = read_inside(
            &self.project(),
            &self.spec.recording_path(),
            limits::RECORDING_BYTES,
        );
        let why_not = match found {
            Ok(Some(bytes)) if is_recording(&bytes) => {
                return self.recorded(compiled, validate, bytes);
            }
            Ok(Some(_)) => "the recording is not in the CLI's format".to_owned(),
            Ok(None) => "the dry run left no recording".to_owned(),
            Err(why) => format!("the recording {why}"),
        };
        Ok(Tried {
            compile: compiled,
            save: step(Outcome::Failed, &why_not, validate.took_ms),
            validate,
            recording: None,
            test: None,
        })
    }

    fn recorded(&self, compile: Step, validate: Step, bytes: Vec<u8>) -> Result<Tried, NangoError> {
        let recording = tidy::tidy(bytes);
        let test = render::test_file(&self.template, &self.spec, &self.models())?.into_bytes();
        files::write(&self.project(), &self.spec.recording_path(), &recording)?;
        files::write(&self.project(), &self.spec.test_path(), &test)?;
        Ok(Tried {
            compile,
            save: step(Outcome::Passed, "", validate.took_ms),
            validate,
            recording: Some(recording),
            test: Some(test),
        })
    }

    /// The program that runs the generated test; there is one when there is a recording. It reaches no network.
    pub fn test_it(&self, tried: &Tried) -> Option<Program> {
        tried.test.as_ref()?;
        let argv = super::whole::vitest(
            &self.template,
            &self.project(),
            &self.dir.join("out/tests.json"),
            &[self.spec.test_path()],
        );
        Some(self.program(argv, None, "none", limits::TEST_SECONDS))
    }

    /// Puts it all together. `tests` is how the second program ended, when there was one.
    pub fn conclude(&self, tried: Tried, tests: Option<&ProgramEnd>) -> (Room, Contents) {
        let (step, passed) = match tests {
            None => (Step::skipped(), 0),
            Some(end) => self.tests(end),
        };
        let mut contents = Contents::new();
        let mut keep = |bytes: &[u8]| {
            let digest = Digest::of(bytes);
            contents.insert(digest.clone(), bytes.to_vec());
            digest
        };
        let room = Room {
            function: Taken::Source {
                digest: keep(&self.source),
                bytes: self.source.len() as u64,
            },
            compile: tried.compile,
            validate: tried.validate,
            save: tried.save,
            tests: step,
            tests_passed: passed,
            recording: tried.recording.as_deref().map(&mut keep),
            test: tried.test.as_deref().map(&mut keep),
        };
        (room, contents)
    }

    fn tests(&self, end: &ProgramEnd) -> (Step, u32) {
        let whole = super::whole::read_tests(&self.dir.join("out"), &self.project(), end);
        let passed = whole.files.iter().map(|file| file.passed).sum();
        let ours = whole.files.len() == 1
            && whole
                .files
                .iter()
                .all(|file| file.path == self.spec.test_path());
        if whole.tests.passed() && !ours {
            let why = "other tests ran than the generated one";
            return (step(Outcome::Failed, why, end.took_ms), passed);
        }
        (whole.tests, passed)
    }

    fn program(&self, argv: Vec<String>, port: Option<u16>, key: &str, seconds: u64) -> Program {
        Program {
            argv,
            cwd: self.project(),
            walled: Walled {
                writable: vec![self.dir.clone()],
                readable: self.template.readable(),
                port,
                env: environment(&self.template, &self.dir, port, key),
            },
            seconds,
        }
    }

    /// The report, `None` when there is none. One that is not ours, or cannot be read, says nothing at all: something in
    /// that process wrote over it.
    fn report(&self) -> Option<Report> {
        match read_inside(&self.dir, "out/tried.json", limits::ROOM_REPORT_BYTES) {
            Ok(None) => None,
            Ok(Some(bytes)) => {
                let report: Report = serde_json::from_slice(&bytes).unwrap_or_default();
                Some(report)
                    .filter(|report| report.nonce == self.nonce)
                    .or_else(|| Some(Report::default()))
            }
            Err(_) => Some(Report::default()),
        }
    }

    fn judged(&self, said: &Said, when_failed: Outcome) -> Step {
        let outcome = if said.passed {
            Outcome::Passed
        } else {
            when_failed
        };
        let project = format!("{}/", argument(&self.project()));
        let text = if said.passed {
            String::new()
        } else {
            said.said.replace(&project, "")
        };
        step(outcome, &text, said.took_ms)
    }

    /// The names of a sync's models, from the definitions that the CLI wrote; only names that it would accept.
    fn models(&self) -> Vec<String> {
        if self.spec.kind == Kind::Action {
            return Vec::new();
        }
        let found = read_inside(
            &self.project(),
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

impl Tried {
    fn none(compile: Step, validate: Step) -> Self {
        Self {
            compile,
            validate,
            save: Step::skipped(),
            recording: None,
            test: None,
        }
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

fn is_recording(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Value>(bytes)
        .is_ok_and(|value| value["api"].is_object() && value["nango"].is_object())
}

/// What there is to say about a program that did not report.
pub(super) fn ending(end: &ProgramEnd) -> String {
    let how = match (end.timed_out, end.code) {
        (true, _) => format!("it was ended after {} s", end.took_ms / 1000),
        (false, Some(code)) => format!("its process ended with code {code}"),
        (false, None) => "its process was killed".to_owned(),
    };
    let said = [end.stdout.trim(), end.stderr.trim()].join("\n");
    format!("{how}\n{}", said.trim()).trim().to_owned()
}

/// A step with the end of what was said, without colours.
pub(super) fn step(outcome: Outcome, said: &str, took_ms: u64) -> Step {
    let plain = console::strip_ansi_codes(said).replace('\r', "");
    let plain = plain.trim();
    let mut from = plain.len().saturating_sub(limits::STEP_SAID_BYTES);
    while !plain.is_char_boundary(from) {
        from += 1;
    }
    Step {
        outcome,
        said: plain[from..].to_owned(),
        took_ms,
    }
}
