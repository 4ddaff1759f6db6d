//! The Nango CLI's commands as values, as a person would type them.

use std::path::Path;

use crate::domain::clean_room::{CleanRoomStep, Outcome};
use crate::domain::program::{Program, ProgramEnd, Walled};

use super::env::environment;
use super::files::argument;
use super::step::{ending, step};
use super::template::Template;

const QUIET: [&str; 3] = [
    "--auto-confirm",
    "--no-interactive",
    "--no-dependency-update",
];

/// `nango compile` of the project in `dir`, by the pinned CLI. `private` was laid by [`super::lay_private`].
pub fn compile(template: &Template, dir: &Path, private: &Path, seconds: u64) -> Program {
    let folder = CompileFolder {
        template,
        project: dir,
        private,
        seconds,
    };
    folder.pinned()
}

/// A project that is compiled.
pub(super) struct CompileFolder<'a> {
    /// Its tool chain.
    pub template: &'a Template,
    /// The project.
    pub project: &'a Path,
    /// Private folders, as laid by [`super::lay_private`].
    pub private: &'a Path,
    /// Its limit, of own time.
    pub seconds: u64,
}

impl CompileFolder<'_> {
    /// `nango compile`, by the pinned CLI.
    pub fn pinned(&self) -> Program {
        let nango = argument(&self.template.tools().nango);
        self.program(vec![nango], None, "none")
    }

    /// The same by the quick CLI, which asks at the witness's `port` with `key`; nothing where none was made.
    pub fn quick(&self, port: u16, key: &str) -> Option<Program> {
        let command = self.template.quick_command()?;
        Some(self.program(command, Some(port), key))
    }

    fn program(&self, command: Vec<String>, port: Option<u16>, key: &str) -> Program {
        let mut argv = vec![argument(&self.template.tools().node)];
        argv.extend(command);
        argv.push("compile".to_owned());
        argv.extend(QUIET.map(str::to_owned));
        Program {
            argv,
            cwd: self.project.to_path_buf(),
            walled: Walled {
                writable: vec![self.project.to_path_buf(), self.private.to_path_buf()],
                readable: self.template.readable(),
                port,
                env: environment(self.template, self.private, port, key),
            },
            seconds: self.seconds,
        }
    }
}

/// How a compile of the project in `dir` ended. Passed when the exit code is 0 and the definitions were written, because the
/// code alone proves nothing; `otherwise` is what it means when that is not so.
pub(super) fn compiled(dir: &Path, end: &ProgramEnd, otherwise: Outcome) -> CleanRoomStep {
    let built = dir.join(".nango/nango.json").is_file() && dir.join("build").is_dir();
    if end.code == Some(0) && built {
        return step(Outcome::Passed, "", end.took_ms);
    }
    let said = ending(end).replace(&format!("{}/", argument(dir)), "");
    step(otherwise, &said, end.took_ms)
}
