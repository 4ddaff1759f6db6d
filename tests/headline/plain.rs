//! The same functions with the plain CLI, one after the other: what its commands cost by themselves.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use countersign::domain::spec::Kind;
use countersign::edge::nango::Workspace;
use countersign_standin::testbed::NANGO_SECRET;

use crate::functions::Asked;
use crate::meter::waited_for;
use crate::support::checkout::Checkout;
use crate::support::tools;

/// Processor time of the plain CLI, all functions together.
#[derive(Debug, Default)]
pub struct Plain {
    /// How many functions.
    pub functions: u32,
    /// `nango compile`.
    pub compile: Duration,
    /// `nango dryrun --validate --save`, behind a compile of the same.
    pub dry_run: Duration,
}

/// Compiles and dry-runs them against the test account of `checkout`.
pub async fn measured(
    checkout: &Checkout,
    asked: impl Iterator<Item = &Asked>,
) -> std::io::Result<Plain> {
    let mut plain = Plain::default();
    let address = checkout.nango.as_ref().map(|nango| nango.url());
    for one in asked {
        let (one, address) = (one.clone(), address.clone().unwrap_or_default());
        let tried = tokio::task::spawn_blocking(move || tried(&one, &address)).await;
        let (compile, dry_run) = tried.map_err(std::io::Error::other)??;
        plain.functions += 1;
        plain.compile += compile;
        plain.dry_run += dry_run;
    }
    Ok(plain)
}

fn tried(one: &Asked, address: &str) -> std::io::Result<(Duration, Duration)> {
    let kind = match one.kind() {
        "sync" => Kind::Sync,
        _ => Kind::Action,
    };
    let spec = tools::spec(&one.key(), kind, None);
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("project");
    Workspace::lay(&tools::template(), &project, &spec, one.source().as_bytes())
        .map_err(std::io::Error::other)?;
    let home = folder.path().join("home");
    std::fs::create_dir(&home)?;
    let quiet = [
        "--auto-confirm",
        "--no-interactive",
        "--no-dependency-update",
    ];
    let (name, connection) = (one.name(), format!("{}-test", one.integration()));
    let mut dry = vec!["dryrun", &name, &connection, "-e", "dev"];
    dry.extend([
        "--integration-id",
        one.integration(),
        "--validate",
        "--save",
    ]);
    let input = one.input();
    if let Some(input) = &input {
        dry.extend(["-i", input]);
    }
    dry.extend(quiet);
    let mut compile = vec!["compile"];
    compile.extend(quiet);
    let compile = cost(&compile, &project, &home, address)?;
    Ok((compile, cost(&dry, &project, &home, address)?))
}

fn cost(args: &[&str], project: &Path, home: &Path, address: &str) -> std::io::Result<Duration> {
    let tools = tools::tools();
    let before = waited_for()?;
    let output = Command::new(&tools.node)
        .arg(&tools.nango)
        .args(args)
        .current_dir(project)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home)
        .env("CI", "1")
        .env("NO_COLOR", "1")
        .env("NANGO_CLI_UPGRADE_MODE", "ignore")
        .env("NANGO_CLI_TELEMETRY", "false")
        .env("NANGO_CLI_DEPENDENCY_UPDATE", "false")
        .env("NANGO_HOSTPORT", address)
        .env("NANGO_SECRET_KEY_DEV", NANGO_SECRET)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        return Err(std::io::Error::other(format!("nango {args:?}: {said}")));
    }
    Ok(waited_for()?.saturating_sub(before))
}
