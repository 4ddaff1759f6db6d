//! A function of the project's own in a clean room: compiled, and run on the recording that it has. Nothing is sent to
//! anybody. It uses the room's folders as the other programs do: one for what is compiled, one for the test, one for the
//! probes.

use std::path::PathBuf;

use crate::domain::clean_room::{CleanRoomStep, Outcome};
use crate::domain::limits;
use crate::domain::program::{Program, ProgramEnd};

use super::clean_room::RoomFolder;
use super::files;
use super::{NangoError, command, render, vitest};

impl RoomFolder {
    /// `nango compile` of the function with its modules.
    pub fn compile_it(&self) -> Program {
        let project = self.tried("project");
        let private = self.dir.join("try");
        command::compile(&self.template, &project, &private, limits::ROOM_SECONDS)
    }

    /// How that ended. A program that did not come to its end says nothing.
    pub fn read_compiled(&self, end: &ProgramEnd) -> CleanRoomStep {
        command::compiled(&self.tried("project"), end, failed(end))
    }

    /// The test that the CLI would generate for it, once it was compiled; nothing where it has none for the kind.
    ///
    /// # Errors
    /// When the CLI's template cannot be read.
    pub fn generated_test(&self) -> Result<Option<Vec<u8>>, NangoError> {
        let test = render::test_file(&self.template, &self.spec, &self.models())?;
        Ok(test.map(String::into_bytes))
    }

    /// The program that runs a test on a recording.
    ///
    /// # Errors
    /// When its folder cannot be laid.
    pub fn replay_it(&self, recording: &[u8], test: &[u8]) -> Result<Program, NangoError> {
        let project = self.lay_test(recording, test)?;
        let report = self.dir.join("test/out/tests.json");
        let argv = vitest::vitest(&self.template, &project, &report, &[self.spec.test_path()]);
        Ok(self.program("test", argv, None, "none", limits::TEST_SECONDS))
    }

    /// The folder of a test and its recording.
    pub(super) fn lay_test(&self, recording: &[u8], test: &[u8]) -> Result<PathBuf, NangoError> {
        let project = self.half("test")?;
        files::write(&project, &self.spec.recording_path(), recording)?;
        files::write(&project, &self.spec.test_path(), test)?;
        Ok(project)
    }

    /// How that went. A program that did not come to its end says nothing.
    pub fn read_replayed(&self, end: &ProgramEnd) -> CleanRoomStep {
        let half = self.dir.join("test");
        let tests = vitest::read_tests(&half.join("out"), &half.join("project"), end).tests;
        match tests.outcome {
            Outcome::Failed => CleanRoomStep {
                outcome: failed(end),
                ..tests
            },
            Outcome::Passed | Outcome::Skipped | Outcome::NotApplicable | Outcome::Broken => tests,
        }
    }
}

/// What a failure means.
fn failed(end: &ProgramEnd) -> Outcome {
    match end.timed_out {
        true => Outcome::Broken,
        false => Outcome::Failed,
    }
}
