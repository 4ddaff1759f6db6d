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

/// `nango compile` of the project in `dir`. `private` was laid by [`super::lay_private`].
pub fn compile(template: &Template, dir: &Path, private: &Path, seconds: u64) -> Program {
    let tools = template.tools();
    let mut argv = vec![
        argument(&tools.node),
        argument(&tools.nango),
        "compile".to_owned(),
    ];
    argv.extend(QUIET.map(str::to_owned));
    Program {
        argv,
        cwd: dir.to_path_buf(),
        walled: Walled {
            writable: vec![dir.to_path_buf(), private.to_path_buf()],
            readable: template.readable(),
            port: None,
            env: environment(template, private, None, "none"),
        },
        seconds,
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
