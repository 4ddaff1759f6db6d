//! The quick CLI of a tool chain, and the [`Checkers`] that it asks.
//!
//! The pinned CLI costs 4 CPU-seconds for a compile: 1.5 to load its modules, the rest to read the same few hundred
//! declaration files again. Here its own code lies in one file with V8's code cache, and what TypeScript, Babel and esbuild
//! say comes from a process that has read the declarations before. Words, exit codes and files stay the CLI's.
//!
//! | file | what it is |
//! |---|---|
//! | `bundle.mjs` | makes the one file out of the installed CLI; `keep.cjs` keeps its code cache |
//! | `tests.cjs` | runs a generated test and the probes with `vitest.cjs`, which `bundle.mjs` makes; `keep_tests.cjs` keeps its code cache |
//! | `quick.cjs` | the command `nango` of workspaces; `start.cjs` starts the one file, `load.cjs` loads it, `ask.cjs` asks |
//! | `heard.cjs`, `typescript.cjs` | what a compile before a dry run takes, in the quick CLI and without it |
//! | `checker.cjs` | the process that answers; `types.cjs` is its TypeScript |
//! | `checkers` | [`Checkers`]: starts those processes, limits and ends them |
//!
//! Without the one file, as with a CLI whose places are not where this version's are, the CLI is used as it is; without an
//! answer, as where nobody listens, the quick CLI compiles by itself.

mod checkers;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::NangoError;
use super::files::{self, argument};
use crate::domain::limits;
use crate::domain::toolchain::ToolChain;
use crate::os::child;

pub use checkers::Checkers;

/// The folder beside the project.
pub(super) const FOLDER: &str = "quick";
/// The command `nango` of workspaces.
pub(super) const COMMAND: &str = "quick.cjs";
const BUNDLE: &str = "bundle.mjs";
const KEEP: &str = "keep.cjs";
const CHECKER: &str = "checker.cjs";
const KEEP_TESTS: &str = "keep_tests.cjs";
/// What runs a test and probes.
pub(super) const RUNNER: &str = "quick/tests.cjs";
/// What is made of vitest. Tests go by whether it is there.
pub(super) const VITEST: &str = "vitest.cjs";

/// Ours in that folder.
pub(super) const OURS: [(&str, &str); 12] = [
    (BUNDLE, include_str!("bundle.mjs")),
    (KEEP, include_str!("keep.cjs")),
    ("load.cjs", include_str!("load.cjs")),
    ("ask.cjs", include_str!("ask.cjs")),
    ("start.cjs", include_str!("start.cjs")),
    ("heard.cjs", include_str!("heard.cjs")),
    ("typescript.cjs", include_str!("typescript.cjs")),
    (COMMAND, include_str!("quick.cjs")),
    (CHECKER, include_str!("checker.cjs")),
    ("types.cjs", include_str!("types.cjs")),
    ("tests.cjs", include_str!("tests.cjs")),
    (KEEP_TESTS, include_str!("keep_tests.cjs")),
];
/// What is made of the CLI. The commands go by whether it is there.
pub(super) const MADE: &str = "cli.cjs";

/// Makes the quick CLI in a template's draft. That none can be made is written to the log and no error.
///
/// # Errors
/// When the file system refuses.
pub(super) fn make(draft: &Path, tools: &ToolChain) -> Result<(), NangoError> {
    let folder = draft.join(FOLDER);
    for (name, text) in OURS {
        files::write(&folder, name, text.as_bytes())?;
    }
    let home = tempfile::tempdir().map_err(NangoError::files("creating", "a temporary folder"))?;
    let bundle = [argument(&tools.nango), argument(&folder)];
    let made = node(tools, &folder.join(BUNDLE), &bundle, home.path())
        && node(tools, &folder.join(KEEP), &bundle[..1], home.path());
    let tests = tempfile::tempdir().map_err(NangoError::files("creating", "a temporary folder"))?;
    if !made || !node(tools, &folder.join(KEEP_TESTS), &bundle[..1], tests.path()) {
        let _ = std::fs::remove_file(folder.join(VITEST));
        tracing::warn!(nango = %tools.nango_version, "tests are run by vitest as it is");
    }
    if !made {
        // Half of it would be used.
        let _ = std::fs::remove_file(folder.join(MADE));
        tracing::warn!(nango = %tools.nango_version, "no quick CLI could be made of this one; it is used as it is");
    }
    Ok(())
}

/// Whether a script of ours came to a good end in an empty folder.
fn node(tools: &ToolChain, script: &Path, arguments: &[String], empty: &Path) -> bool {
    let mut command = Command::new(&tools.node);
    command
        .arg(script)
        .args(arguments)
        .current_dir(empty)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", empty)
        .env("CI", "1")
        .env("NO_COLOR", "1")
        .env("NANGO_CLI_UPGRADE_MODE", "ignore")
        .env("NANGO_CLI_TELEMETRY", "false");
    let limit = Duration::from_secs(limits::PROJECT_SECONDS);
    match child::run(command, limit, limits::PROGRAM_OUTPUT_BYTES) {
        Ok(ran) if ran.ok => true,
        Ok(ran) => {
            tracing::debug!(script = %script.display(), said = %ran.said, "a quick CLI was not made");
            false
        }
        Err(error) => {
            tracing::debug!(script = %script.display(), ?error, "a quick CLI was not made");
            false
        }
    }
}
