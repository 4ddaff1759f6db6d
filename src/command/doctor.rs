//! `countersign doctor`: what is there, what is missing, and how to get it. It changes nothing.

use std::process::ExitCode;

use crate::cli::DoctorArgs;
use crate::edge::sandbox::Sandbox;
use crate::edge::toolchain;
use crate::exit;

use super::CommandError;

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
    let state = args.state.dir()?;
    match std::fs::create_dir_all(&state) {
        Ok(()) => report.good("state folder", &state.display().to_string()),
        Err(error) => report.missing(
            "state folder",
            &format!(
                "{}: {error}; name another with --state-dir",
                state.display()
            ),
        ),
    }
    for (variable, file, needed) in SETTINGS {
        let there = [variable, file]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        match (there, needed) {
            (true, _) => report.good(variable, "set"),
            (false, needed) => report.note(variable, needed),
        }
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

const SETTINGS: [(&str, &str, &str); 5] = [
    (
        "NANGO_SECRET_KEY",
        "NANGO_SECRET_KEY_FILE",
        "not set; needed by run, serve and work",
    ),
    (
        "COUNTERSIGN_MODEL",
        "",
        "not set; needed unless the repository's settings name a model",
    ),
    (
        "COUNTERSIGN_APP_ID",
        "",
        "not set; needed by serve and work",
    ),
    (
        "COUNTERSIGN_PRIVATE_KEY",
        "COUNTERSIGN_PRIVATE_KEY_FILE",
        "not set; needed by serve and work",
    ),
    (
        "COUNTERSIGN_WEBHOOK_SECRET",
        "COUNTERSIGN_WEBHOOK_SECRET_FILE",
        "not set; needed by serve",
    ),
];

async fn walls(args: &DoctorArgs, report: &mut Report) -> Result<(), CommandError> {
    let exe = std::env::current_exe().map_err(CommandError::fault)?;
    match Sandbox::new(exe).probe().await {
        Ok(probe) => report.good("walls", &probe.rung.to_string()),
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
        println!("  ok       {what}: {found}");
    }
    fn note(&self, what: &str, words: &str) {
        println!("  -        {what}: {words}");
    }
    fn missing(&mut self, what: &str, way_out: &str) {
        self.missing += 1;
        println!("  MISSING  {what}: {way_out}");
    }
    fn end(self) -> ExitCode {
        if self.missing == 0 {
            println!("Everything that every command needs is there.");
            ExitCode::from(exit::COUNTERSIGNED)
        } else {
            println!("{} missing.", self.missing);
            ExitCode::from(exit::USAGE)
        }
    }
}
