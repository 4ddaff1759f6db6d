//! What is there, for `doctor`: looks and changes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::domain::limits;
use crate::domain::toolchain::ToolChain;

use super::pins;
use super::run::run;

pub(super) const GET_NPM: &str =
    "it comes with Node (nodejs.org, or your system's packages `nodejs` and `npm`)";
/// The file that is written last: a folder without it is a left-over of a killed install.
pub(super) const COMPLETE: &str = "complete";
const GET_GIT: &str = "install your system's package `git`";

/// A program that is looked for on PATH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnPath {
    /// Its name.
    pub name: &'static str,
    /// The first line of what it answers to `--version`; absent when it is not there or does not run.
    pub version: Option<String>,
    /// What it is needed for.
    pub needed_for: &'static str,
    /// How to get it.
    pub get: &'static str,
}

/// What is there.
#[derive(Debug, Clone)]
pub struct ToolchainStatus {
    /// Where the tool chain is or will be.
    pub folder: PathBuf,
    /// The tool chain, when it is installed and whole.
    pub installed: Option<ToolChain>,
    /// Why there can be none on this machine; absent on machines that are fine.
    pub unsupported: Option<String>,
    /// The programs that installing and working need.
    pub programs: Vec<OnPath>,
}

/// Looks at the tool chain below `tools_dir` and at PATH.
pub fn look(tools_dir: &Path) -> ToolchainStatus {
    let tools_dir = std::fs::canonicalize(tools_dir).unwrap_or_else(|_| tools_dir.to_path_buf());
    let folder = tools_dir.join(pins::lock().short());
    let layout = pins::layout(&folder);
    let unsupported = layout.as_ref().err().map(ToString::to_string);
    let installed = layout.ok().filter(|tools| {
        is_complete(&folder)
            && [&tools.node, &tools.nango, &tools.vitest, &tools.opencode]
                .iter()
                .all(|file| file.is_file())
    });
    let programs = [
        ("git", "mirrors and pushes", GET_GIT),
        ("npm", "installing the tool chain, once", GET_NPM),
        (
            "node",
            "npm; the tool chain brings its own for everything else",
            GET_NPM,
        ),
    ];
    ToolchainStatus {
        folder,
        installed,
        unsupported,
        programs: programs
            .map(|(name, needed_for, get)| OnPath {
                name,
                version: version(name),
                needed_for,
                get,
            })
            .to_vec(),
    }
}

fn version(name: &str) -> Option<String> {
    let mut command = Command::new(name);
    command.arg("--version");
    let ran = run(command, limits::VERSION_SECONDS).ok()?;
    let line = ran.said.lines().next().filter(|_| ran.ok)?;
    Some(line.to_owned())
}

/// Whether `home` holds a whole tool chain.
pub(super) fn is_complete(home: &Path) -> bool {
    fs::read_to_string(home.join(COMPLETE)).is_ok_and(|lock| lock == pins::lock().as_str())
}
