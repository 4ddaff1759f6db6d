//! `countersign doctor`: what is there, what is missing, and how to get it. It changes nothing.

use std::path::Path;
use std::process::ExitCode;

use nix::unistd::{AccessFlags, access};

use crate::cli::args::DoctorArgs;
use crate::cli::exit_code;
use crate::edge::sandbox::Sandbox;
use crate::edge::toolchain;

use super::error::CommandError;

/// Prints a line for everything that is needed.
pub async fn doctor(args: DoctorArgs) -> Result<ExitCode, CommandError> {
    let mut report = Report::default();
    let tools = toolchain::look(&args.state.tools()?);
    for program in &tools.programs {
        match &program.version {
            Some(version) => report.good(program.name, version),
            None => report.missing(
                program.name,
                &format!("needed for {}: {}", program.needed_for, program.get),
            ),
        }
    }
    match (&tools.installed, &tools.unsupported) {
        (Some(tools), _) => report.good(
            "tool chain",
            &format!(
                "opencode {}, nango {}, node {} in {}",
                tools.opencode_version,
                tools.nango_version,
                tools.node_version,
                tools.root.display()
            ),
        ),
        (None, Some(why)) => report.missing("tool chain", why),
        (None, None) => report.note(
            "tool chain",
            &format!(
                "not installed yet; the first run or demo installs it into {}",
                tools.folder.display()
            ),
        ),
    }
    walls(&args, &mut report).await?;
    state(&args, &mut report)?;
    for setting in &SETTINGS {
        setting.look(&mut report);
    }
    match &args.agent.opencode_config {
        Some(path) if !path.is_file() => report.missing(
            "COUNTERSIGN_OPENCODE_CONFIG",
            &format!("{} is not a file", path.display()),
        ),
        Some(path) => report.good("COUNTERSIGN_OPENCODE_CONFIG", &path.display().to_string()),
        None => report.note(
            "COUNTERSIGN_OPENCODE_CONFIG",
            "names your model providers; needed unless OpenCode knows yours by itself",
        ),
    }
    Ok(report.end())
}

/// A setting that only some commands need.
struct Setting {
    variable: &'static str,
    needed: &'static str,
}

const SETTINGS: [Setting; 5] = [
    Setting {
        variable: "NANGO_SECRET_KEY",
        needed: "not set; needed by run, serve and work",
    },
    Setting {
        variable: "COUNTERSIGN_MODEL",
        needed: "not set; needed unless the repository's settings name a model",
    },
    Setting {
        variable: "COUNTERSIGN_APP_ID",
        needed: "not set; needed by serve and work",
    },
    Setting {
        variable: "COUNTERSIGN_PRIVATE_KEY",
        needed: "not set; needed by serve and work",
    },
    Setting {
        variable: "COUNTERSIGN_WEBHOOK_SECRET",
        needed: "not set; needed by serve",
    },
];

impl Setting {
    fn look(&self, report: &mut Report) {
        let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let named = format!("{}_FILE", self.variable);
        match value(&named) {
            Some(path) => match std::fs::File::open(&path) {
                Ok(_) => report.good(self.variable, &format!("in {}", path.display())),
                Err(error) => report.missing(
                    &named,
                    &format!("{} cannot be read: {error}", path.display()),
                ),
            },
            None if value(self.variable).is_some() => report.good(self.variable, "set"),
            None => report.note(self.variable, self.needed),
        }
    }
}

/// Whether everything can be kept where it is to be kept.
fn state(args: &DoctorArgs, report: &mut Report) -> Result<(), CommandError> {
    let state = args.state.dir()?;
    let there = state.ancestors().find(|folder| folder.exists());
    // A relative name's last ancestor is the empty path: the folder we are in.
    let there = there.unwrap_or(Path::new("."));
    match access(there, AccessFlags::W_OK | AccessFlags::X_OK) {
        Ok(()) if there == state => report.good("state folder", &state.display().to_string()),
        Ok(()) if there.is_dir() => report.good(
            "state folder",
            &format!("{}, which will be made", state.display()),
        ),
        refused => report.missing(
            "state folder",
            &format!(
                "{} cannot be used: {}; name another with --state-dir",
                state.display(),
                match refused {
                    Ok(()) => format!("{} is not a folder", there.display()),
                    Err(error) => format!("{}: {}", there.display(), error.desc()),
                }
            ),
        ),
    }
    Ok(())
}

async fn walls(args: &DoctorArgs, report: &mut Report) -> Result<(), CommandError> {
    let exe = std::env::current_exe().map_err(CommandError::fault)?;
    match Sandbox::new(exe).probe().await {
        Ok(probe) => report.good("walls", &probe.isolation.to_string()),
        Err(error) if args.agent.allow_unsandboxed => {
            report.note("walls", &format!("none, and you allow that: {error}"))
        }
        Err(error) => report.missing("walls", &error.to_string()),
    }
    Ok(())
}

#[derive(Default)]
struct Report {
    missing: usize,
}

impl Report {
    fn good(&self, what: &str, found: &str) {
        say!("  ok       {what}: {found}");
    }
    fn note(&self, what: &str, words: &str) {
        say!("  -        {what}: {words}");
    }
    fn missing(&mut self, what: &str, way_out: &str) {
        self.missing += 1;
        say!("  MISSING  {what}: {way_out}");
    }
    fn end(self) -> ExitCode {
        if self.missing == 0 {
            say!("Everything that every command needs is there.");
            ExitCode::from(exit_code::COUNTERSIGNED)
        } else {
            say!("{} missing.", self.missing);
            ExitCode::from(exit_code::USAGE)
        }
    }
}
