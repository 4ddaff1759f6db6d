//! The Nango CLI's commands as values, as a person would type them.

use std::path::Path;

use crate::domain::limits;
use crate::domain::program::{Program, Walled};
use crate::domain::spec::{Kind, Spec};

use super::env::environment;
use super::files::argument;
use super::template::Template;

const QUIET: [&str; 4] = [
    "--auto-confirm",
    "--no-interactive",
    "--no-dependency-update",
    "--no-telemetry",
];

/// `nango compile` of the project in `dir`. `private` was laid by [`super::lay_private`].
pub fn compile(template: &Template, dir: &Path, private: &Path, seconds: u64) -> Program {
    let mut argv = vec!["compile".to_owned()];
    argv.extend(QUIET.map(str::to_owned));
    program(template, argv, dir, private, None, "none", seconds)
}

/// `nango dryrun --save` of one function. It validates against the build that is there, so [`compile`] comes first.
pub fn dry_run(
    template: &Template,
    spec: &Spec,
    dir: &Path,
    private: &Path,
    port: u16,
    key: &str,
) -> Program {
    let mut argv = vec!["dryrun".to_owned()];
    for (flag, value) in [
        ("-e", "dev".to_owned()),
        ("--integration-id", spec.key.integration.to_string()),
    ] {
        argv.extend([flag.to_owned(), value]);
    }
    argv.extend(["--validate".to_owned(), "--save".to_owned()]);
    if let Some(input) = input(spec) {
        argv.extend(["-i".to_owned(), input]);
    }
    if let Some(metadata) = metadata(spec) {
        argv.extend(["-m".to_owned(), metadata]);
    }
    argv.extend(QUIET.map(str::to_owned));
    // Behind `--`, a connection that begins with a hyphen is no flag.
    let positional = ["--", spec.key.name.as_str(), &spec.connection];
    argv.extend(positional.map(str::to_owned));
    program(
        template,
        argv,
        dir,
        private,
        Some(port),
        key,
        limits::ROOM_SECONDS,
    )
}

/// The dry run's input as the CLI takes it. Syncs have none.
pub(super) fn input(spec: &Spec) -> Option<String> {
    spec.input
        .as_ref()
        .filter(|_| spec.kind == Kind::Action)
        .map(ToString::to_string)
}

/// The dry run's metadata as the CLI takes it, which ignores it for actions.
pub(super) fn metadata(spec: &Spec) -> Option<String> {
    spec.metadata
        .as_ref()
        .filter(|_| spec.kind == Kind::Sync)
        .map(ToString::to_string)
}

fn program(
    template: &Template,
    arguments: Vec<String>,
    dir: &Path,
    private: &Path,
    port: Option<u16>,
    key: &str,
    seconds: u64,
) -> Program {
    let tools = template.tools();
    let mut argv = vec![argument(&tools.node), argument(&tools.nango)];
    argv.extend(arguments);
    Program {
        argv,
        cwd: dir.to_path_buf(),
        walled: Walled {
            writable: vec![dir.to_path_buf(), private.to_path_buf()],
            readable: template.readable(),
            port,
            env: environment(template, private, port, key),
        },
        seconds,
    }
}
