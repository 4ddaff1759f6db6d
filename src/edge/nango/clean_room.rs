//! The clean room: a fresh project with nothing of an agent's but one source file, in which we find out what it does.
//!
//! ```text
//! RoomFolder::lay ─► try_it() ─► read_tried ─► Tried ─► put_right ─► test_it() ─► conclude ─► (Room, Contents)
//!                    program 1                          program 2
//! ```
//!
//! The function is dry-run once: `--save` implies validation, and an action that writes would otherwise do so twice. Each
//! program (this, and the [test with its probes](super::proof)) has a folder of its own, which is laid when the one before has
//! ended: an agent's code runs in it, and what it plants there (a link at the recording's place, a file that vitest prefers)
//! must lead neither us nor the next.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::domain::clean_room::{CleanRoomStep, Outcome, Room, Taken};
use crate::domain::dry_run::{DryRunArgument, DryRunArguments};
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::probe::ProbeOutcomes;
use crate::domain::program::{Program, ProgramEnd, Walled};
use crate::domain::spec::Spec;

use super::NangoError;
use super::env::{environment, lay_private};
use super::files::{self, argument};
use super::step::{Tried, step};
use super::template::Template;
use super::workspace::{self, Source};

/// What the room makes, by digest: the source, the recording, the test.
pub type Contents = BTreeMap<Digest, Vec<u8>>;

/// A clean room for one function.
#[derive(Debug)]
pub struct RoomFolder {
    pub(super) template: Template,
    pub(super) spec: Spec,
    source: Vec<u8>,
    modules: Vec<Source>,
    pub(super) dir: PathBuf,
    pub(super) nonce: String,
}

impl RoomFolder {
    /// Lays a clean room into `dir`, which must be empty or absent, for a function and the modules that it brings along.
    /// `nonce` is a secret of this room.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn lay(
        template: &Template,
        dir: &Path,
        spec: &Spec,
        source: &[u8],
        modules: &[Source],
        nonce: &str,
    ) -> Result<Self, NangoError> {
        files::make(dir)?;
        let room = Self {
            template: template.clone(),
            spec: spec.clone(),
            source: source.to_vec(),
            modules: modules.to_vec(),
            dir: fs::canonicalize(dir).map_err(NangoError::files("finding", dir))?,
            nonce: nonce.to_owned(),
        };
        room.half("try")?;
        Ok(room)
    }

    /// One of the folders: a project with the function, and private folders beside it.
    pub(super) fn half(&self, name: &str) -> Result<PathBuf, NangoError> {
        let half = self.dir.join(name);
        lay_private(&half)?;
        let project = half.join("project");
        workspace::project(&self.template, &project, &self.spec, &self.source)?;
        for module in &self.modules {
            files::write(&project, &module.path, &module.bytes)?;
        }
        Ok(project)
    }

    /// A folder of the first program.
    pub(super) fn tried(&self, name: &str) -> PathBuf {
        self.dir.join("try").join(name)
    }

    /// The program that compiles and dry-runs with these arguments. `port` is the witness's, `key` names this room to it.
    ///
    /// # Errors
    /// When its job cannot be written.
    pub fn try_it(
        &self,
        port: u16,
        key: &str,
        arguments: &DryRunArguments,
    ) -> Result<Program, NangoError> {
        let json = |argument: &Option<DryRunArgument>| {
            let argument = argument.as_ref();
            argument.map(|argument| argument.value.to_string())
        };
        let tools = self.template.tools();
        let job = json!({
            "nonce": self.nonce,
            "cli": tools.node_modules.join("nango/dist"),
            "project": self.tried("project"),
            "report": self.tried("out/report.json"),
            "recording": self.tried("project").join(self.spec.recording_path()),
            "name": self.spec.key.name,
            // The CLI knows an integration by its folder.
            "integration": self.spec.key.integration,
            "connection": self.spec.connection,
            "input": json(&arguments.input),
            "metadata": json(&arguments.metadata),
        });
        files::write(&self.tried("out"), "job.json", job.to_string().as_bytes())?;
        let argv = vec![
            argument(&tools.node),
            self.template.own("room.mjs"),
            argument(&self.tried("out/job.json")),
        ];
        Ok(self.program("try", argv, Some(port), key, limits::ROOM_SECONDS))
    }

    /// Puts it all together. `tests` is how the second program ended, when there was one.
    pub fn conclude(
        &self,
        arguments: DryRunArguments,
        tried: Tried,
        tests: Option<&ProgramEnd>,
    ) -> (Room, Contents) {
        let (step, passed) = match tests {
            None if tried.recording.is_some() && !self.spec.kind.is_tested() => {
                (CleanRoomStep::not_applicable(), 0)
            }
            None => (CleanRoomStep::skipped(), 0),
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
            arguments,
            compile: tried.compile,
            validate: tried.validate,
            save: tried.save,
            tests: step,
            tests_passed: passed,
            recording: tried.recording.as_deref().map(&mut keep),
            saved: tried.saved.as_deref().map(&mut keep),
            test: tried.test.as_deref().map(&mut keep),
            probes: ProbeOutcomes::new(),
        };
        (room, contents)
    }

    fn tests(&self, end: &ProgramEnd) -> (CleanRoomStep, u32) {
        let whole = self.tested(end);
        let passed = whole.files.iter().map(|file| file.passed).sum();
        let ours = whole.files.len() == 1
            && whole
                .files
                .iter()
                .all(|file| file.path == self.spec.test_path());
        if whole.tests.passed() && whole.files.iter().any(|file| file.skipped > 0) {
            return (
                step(Outcome::Failed, "a test was skipped", end.took_ms),
                passed,
            );
        }
        if whole.tests.passed() && !ours {
            let why = "other tests ran than the generated one";
            return (step(Outcome::Failed, why, end.took_ms), passed);
        }
        (whole.tests, passed)
    }

    pub(super) fn program(
        &self,
        half: &str,
        argv: Vec<String>,
        port: Option<u16>,
        key: &str,
        seconds: u64,
    ) -> Program {
        let half = self.dir.join(half);
        Program {
            argv,
            cwd: half.join("project"),
            walled: Walled {
                writable: vec![half.clone()],
                readable: self.template.readable(),
                port,
                env: environment(&self.template, &half, port, key),
            },
            seconds,
        }
    }
}
