//! What the demo leaves behind: pages, the repository, the evidence and the transcripts, in one folder.

use std::path::Path;
use std::process::Command;

use countersign_standin::github::StandInError;
use countersign_standin::names::RepoName;
use countersign_standin::testbed::Testbed;

use crate::domain::row::State;
use crate::domain::view::View;
use crate::edge::blobs::Dossiers;
use crate::report::page;
use crate::text::clip::shorten;
use crate::text::markdown::terminal as plain;

use super::pull_page;
use crate::cli::error::CommandError;
use crate::text::number::plural;

/// Writes it all and says where it is, with the pull request as a reviewer would see it. `first` is the run that opening
/// it began, `second` the one that a person asked for.
pub fn behind(
    out: &Path,
    testbed: &Testbed,
    (repo, number): (&RepoName, u64),
    first: &View,
    second: &View,
) -> Result<String, CommandError> {
    write(
        &out.join("pull-request.html"),
        pull_page::render(testbed, repo, number)?,
    )?;
    for (view, name, folder) in [
        (first, "run.html", "transcripts"),
        (
            second,
            "run-after-the-hint.html",
            "transcripts/after-the-hint",
        ),
    ] {
        write(
            &out.join(name),
            page::render(view).map_err(CommandError::fault)?,
        )?;
        transcripts(&out.join(folder), testbed, view)?;
    }
    repository(out, testbed, repo)?;
    let mut said = reviewer(testbed, repo, number)?;
    let judged = first.judgements().find(|one| !one.findings.is_empty());
    let dossier = judged.map_or("<file>".to_owned(), |one| format!("{}.json", one.dossier));
    said.push_str(&format!(
        "\nEverything is in {}\n  pull-request.html   open it in a browser: what a reviewer sees\n  run.html            the first run in full, with all evidence; the other beside it\n  repository/         the branch with the commit: git -C repository show\n  transcripts/        what each agent did, as JSON\n  state/dossiers/     the sealed evidence; judge it again:\n                      countersign judge state/dossiers/{dossier}\n",
        out.display()
    ));
    Ok(said)
}

/// The conversation of the pull request in a few lines.
fn reviewer(testbed: &Testbed, repo: &RepoName, number: u64) -> Result<String, CommandError> {
    let fault = |error: StandInError| CommandError::fault(error);
    let github = &testbed.github;
    let pull = github.pull(repo, number).map_err(fault)?;
    let mut said = format!(
        "Pull request #{number} of {repo}, {} → {}\n",
        pull.head_branch, pull.base_branch
    );
    let checks = github.check_runs(repo).map_err(fault)?;
    for check in checks.iter().filter(|check| check.head == pull.head) {
        let conclusion = check.conclusion.as_deref().unwrap_or("under way");
        said.push_str(&format!(
            "  check {}: {conclusion} — {}\n",
            check.name,
            check.title.as_deref().unwrap_or_default()
        ));
    }
    let comments = github.comments(repo, number).map_err(fault)?;
    let reviews = github.reviews(repo, number).map_err(fault)?;
    let at_lines = github.review_comments(repo, number).map_err(fault)?;
    said.push_str(&format!(
        "  {} {}, {} {} with {} remarks at lines\n",
        comments.len(),
        plural(comments.len(), "comment", "comments"),
        reviews.len(),
        plural(reviews.len(), "review", "reviews"),
        at_lines.len()
    ));
    for remark in &at_lines {
        let line = remark.line.map_or(0, |(_, line)| line);
        let first = remark.body.lines().next().unwrap_or_default();
        let verdict = first.split([':', '.']).next().unwrap_or_default();
        let verdict = plain(&shorten(verdict, 60)).replace('`', "");
        said.push_str(&format!("    {}:{line}  {verdict}\n", remark.path));
    }
    Ok(said)
}

fn repository(out: &Path, testbed: &Testbed, repo: &RepoName) -> Result<(), CommandError> {
    let from = testbed.github.git_dir(repo).map_err(CommandError::fault)?;
    let done = Command::new("git")
        .args(["clone", "--quiet", "--branch", "calendar-and-slack"])
        .arg(&from)
        .arg(out.join("repository"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .map_err(CommandError::fault)?;
    if done.status.success() {
        return Ok(());
    }
    Err(CommandError::Fault(format!(
        "git clone: {}",
        String::from_utf8_lossy(&done.stderr)
    )))
}

fn transcripts(folder: &Path, testbed: &Testbed, view: &View) -> Result<(), CommandError> {
    let dossiers = Dossiers::open(testbed.state()).map_err(CommandError::fault)?;
    for row in &view.rows {
        let State::Judged { judgement } = &row.state else {
            continue;
        };
        let dossier = dossiers
            .get(&judgement.dossier)
            .map_err(CommandError::fault)?;
        let json =
            serde_json::to_string_pretty(&dossier.transcript).map_err(CommandError::fault)?;
        write(
            &folder.join(format!("{}--{}.json", row.key.integration, row.key.name)),
            json,
        )?;
    }
    Ok(())
}

/// Writes a file that the demo leaves behind.
fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), CommandError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(CommandError::fault)?;
    }
    std::fs::write(path, content).map_err(CommandError::fault)
}
