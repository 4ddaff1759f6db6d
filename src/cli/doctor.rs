//! `countersign doctor`: what is there, what is missing, and how to get it. It changes nothing.

use std::path::Path;
use std::process::ExitCode;

use nix::unistd::{AccessFlags, access};

use crate::cli::args::DoctorArgs;
use crate::config::GitHubArgs;
use crate::domain::packages::Packages;
use crate::edge::sandbox::Sandbox;
use crate::edge::toolchain;
use crate::preflight;

use super::doctor_report::DoctorReport;
use super::error::CommandError;
use super::{github_app, project_packages, services};

/// Prints a line for everything that is needed.
pub async fn doctor(args: DoctorArgs) -> Result<ExitCode, CommandError> {
    let mut report = DoctorReport::default();
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
    packages(&mut report)?;
    walls(&args, &mut report).await?;
    state(&args, &mut report)?;
    settings(&args, &mut report);
    services::look(&args, &mut report).await;
    github_app::look(&args, &mut report).await;
    Ok(report.end())
}

/// With what functions of the repository that we are in are made; nothing is said where no project pins anything.
fn packages(report: &mut DoctorReport) -> Result<(), CommandError> {
    for (project, packages) in project_packages::look(Path::new("."))?.iter() {
        let what = match project {
            Some(project) => format!("packages of {project}"),
            None => "packages".to_owned(),
        };
        match packages {
            Packages::Ours => {}
            Packages::Project { pinned, by } => {
                report.good(&what, &format!("{pinned}, as {by} says"));
            }
            Packages::Instead { why } => report.note(
                &what,
                &format!("Countersign's own and not the project's: {why}"),
            ),
        }
    }
    Ok(())
}

/// Every setting by its value: one that is set and cannot be used is worse than none.
fn settings(args: &DoctorArgs, report: &mut DoctorReport) {
    let key = args.nango.secret();
    let key = key.and_then(|key| preflight::nango_key(&key));
    report.secret("NANGO_SECRET_KEY", key, "needed by run, serve and work");
    report.set(
        "NANGO_HOSTPORT",
        Some(&args.nango.nango_hostport),
        preflight::nango_address(&args.nango.nango_hostport),
    );
    let model = args.agent.model.as_ref();
    match model {
        Some(_) => report.set("COUNTERSIGN_MODEL", model, preflight::model(&args.agent)),
        None => report.note(
            "COUNTERSIGN_MODEL",
            "not set; needed unless the repository's settings name a model",
        ),
    }
    match &args.agent.opencode_config {
        Some(path) if !path.is_file() => report.missing(
            "COUNTERSIGN_OPENCODE_CONFIG",
            &format!("{} is not a file", path.display()),
        ),
        Some(path) => report.set(
            "COUNTERSIGN_OPENCODE_CONFIG",
            Some(&path.display().to_string()),
            preflight::agent_config(&args.agent),
        ),
        None => report.note(
            "COUNTERSIGN_OPENCODE_CONFIG",
            "names your model providers; needed unless OpenCode knows yours by itself",
        ),
    }
    github(&args.github, report);
}

fn github(args: &GitHubArgs, report: &mut DoctorReport) {
    match args.app_id() {
        Ok(id) => report.good("COUNTERSIGN_APP_ID", &id.to_string()),
        Err(_) => report.note("COUNTERSIGN_APP_ID", "not set; needed by serve and work"),
    }
    let key = args.private_key();
    let key = key.and_then(|key| preflight::private_key(&key));
    report.secret("COUNTERSIGN_PRIVATE_KEY", key, "needed by serve and work");
    let secrets = args.webhook_secrets().map(drop);
    report.secret("COUNTERSIGN_WEBHOOK_SECRET", secrets, "needed by serve");
    for (variable, value, checked) in [
        (
            "GITHUB_API_URL",
            Some(&args.at.github_api_url),
            preflight::github_api(&args.at),
        ),
        (
            "GITHUB_SERVER_URL",
            Some(&args.at.github_server_url),
            preflight::github_server(&args.at),
        ),
        (
            "COUNTERSIGN_PUBLIC_URL",
            args.public_url.as_ref(),
            preflight::public_url(args),
        ),
    ] {
        report.set(variable, value, checked);
    }
}

/// Whether everything can be kept where it is to be kept.
fn state(args: &DoctorArgs, report: &mut DoctorReport) -> Result<(), CommandError> {
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

async fn walls(args: &DoctorArgs, report: &mut DoctorReport) -> Result<(), CommandError> {
    let exe = std::env::current_exe().map_err(CommandError::fault)?;
    match Sandbox::new(exe).isolation().await {
        Ok(found) => report.good("walls", &found.isolation.to_string()),
        Err(error) if args.agent.allow_unsandboxed => {
            report.note("walls", &format!("none, and you allow that: {error}"))
        }
        Err(error) => report.missing("walls", &error.to_string()),
    }
    Ok(())
}
