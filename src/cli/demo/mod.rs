//! `countersign demo`: a pull request with three honest agents, one of which changes a function that is there, and two that
//! cheat; and a person who tells one of these what was wrong. Everything is real but what only the internet holds: GitHub,
//! the model, and Nango's API are stand-ins on loopback.

mod artifacts;
mod files;
mod played;
pub mod pull_page;
mod scenario;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use countersign_standin::github::{FileChange, Role, StandInError, Standing};
use countersign_standin::names::RepoName;
use countersign_standin::testbed::{Testbed, TestbedPlan};

use crate::cli::args::DemoArgs;
use crate::cli::exit_code;
use crate::edge::store::Store;
use crate::edge::toolchain;
use crate::os::clock::{Clock as _, SystemClock};

use self::played::played;
use super::error::CommandError;

/// Plays it.
pub async fn demo(args: DemoArgs) -> Result<ExitCode, CommandError> {
    // What the caller can mend is said before 800 MB are installed.
    let out = out_folder(&args)?;
    let tools_dir = args.state.tools()?;
    writable(&tools_dir)?;
    eprintln!(
        "A pull request with five interaction specs: three agents are honest, one of them changes a function that is there; two cheat."
    );
    let tools = toolchain::ensure(&tools_dir, &|words| eprintln!("{words}"))
        .map_err(CommandError::fault)?;
    eprintln!(
        "OpenCode {}, the Nango CLI {} and git are real; GitHub, the model and the APIs are stand-ins on loopback.\n",
        tools.opencode_version, tools.nango_version
    );

    let mut plan = TestbedPlan {
        exe: std::env::current_exe().map_err(CommandError::fault)?,
        state: out.join("state"),
        tools: tools_dir,
        scenarios: scenario::scenarios(),
        env: Default::default(),
    };
    if args.allow_unsandboxed {
        plan.env
            .insert("COUNTERSIGN_ALLOW_UNSANDBOXED".into(), "true".into());
    }
    let mut testbed = Testbed::start(plan).await.map_err(CommandError::fault)?;
    testbed.serve().await.map_err(CommandError::fault)?;
    let (repo, number) = open_pull(&testbed)?;

    let store = Store::open(
        &format!(
            "sqlite://{}",
            testbed.state().join("countersign.db").display()
        ),
        std::sync::Arc::new(|| SystemClock.now_ms()),
    )
    .await
    .map_err(CommandError::fault)?;
    let first = played(&testbed, &store, &repo, number, None).await?;
    eprintln!("\nada comments:\n{}\n", indented(scenario::HINT));
    testbed
        .github
        .comment(&repo, number, "ada", scenario::HINT)
        .map_err(CommandError::fault)?;
    let view = played(&testbed, &store, &repo, number, Some(&first)).await?;
    store.close().await;

    let left = artifacts::behind(&out, &testbed, (&repo, number), &first, &view)?;
    testbed.stop().await.map_err(CommandError::fault)?;
    say!("\n{}", left.trim_end());
    let is_played = first.pushed().is_some() && view.pushed().is_some();
    Ok(ExitCode::from(if is_played {
        exit_code::COUNTERSIGNED
    } else {
        exit_code::FAULT
    }))
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

fn writable(folder: &Path) -> Result<(), CommandError> {
    let made = std::fs::create_dir_all(folder).and_then(|()| tempfile::tempfile_in(folder));
    made.map(drop).map_err(|error| {
        CommandError::Usage(format!(
            "nothing can be written to {}: {error}; name another state folder with COUNTERSIGN_STATE_DIR",
            folder.display()
        ))
    })
}

fn out_folder(args: &DemoArgs) -> Result<PathBuf, CommandError> {
    let folder = match &args.out {
        Some(folder) => folder.clone(),
        None => {
            let time = jiff::Zoned::now().strftime("%Y-%m-%d-%H%M%S").to_string();
            args.state.dir()?.join("demo").join(time)
        }
    };
    if folder.join("state").exists() {
        return Err(CommandError::Usage(format!(
            "{} has a demo in it already; name another folder",
            folder.display()
        )));
    }
    std::fs::create_dir_all(&folder)
        .map_err(|e| CommandError::Usage(format!("{}: {e}", folder.display())))?;
    std::fs::canonicalize(&folder).map_err(CommandError::fault)
}

fn changes<'t>(files: &[(&'t str, &'t str)]) -> Vec<FileChange<'t>> {
    files
        .iter()
        .map(|(path, text)| (*path, Some(*text)))
        .collect()
}

/// A repository with a little in it, a branch with specs, a pull request.
fn open_pull(testbed: &Testbed) -> Result<(RepoName, u64), CommandError> {
    let repo: RepoName = "acme/product".parse().map_err(CommandError::fault)?;
    let github = &testbed.github;
    let fault = |error: StandInError| CommandError::fault(error);
    github
        .create_repo(&repo, &changes(&files::BEFORE))
        .map_err(fault)?;
    github
        .set_permission(&repo, "ada", Role::Write)
        .map_err(fault)?;
    let specs = changes(&files::SPECS);
    github
        .commit(&repo, "calendar-and-slack", None, &specs, "ada")
        .map_err(fault)?;
    let head = (&repo, "calendar-and-slack");
    let number = github
        .open_pull((&repo, "main"), head, "ada", Standing::Ready)
        .map_err(fault)?;
    Ok((repo, number))
}
