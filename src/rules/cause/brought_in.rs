//! Which version of the function a fault came in with.
//!
//! A check that failed for the agent with the same words as for us names the version that it read: the first such run after
//! the last good one. Where no run shows it, the line that is at fault does: the first version that holds it and that every
//! later one kept. Else it is the version that we tried. A file that was changed by a script is not seen.

use crate::domain::clean_room::Trial;
use crate::domain::transcript::ToolStatus;
use crate::rules::judge::reading::check_runs;
use crate::rules::judge::reading::nango_cli::Check;
use crate::rules::judge::reading::shell::ShellCommand;

use super::graph::{Graph, Put, Tie, What};
use super::signature::signatures;

/// Where a fault came in, by places in [`Graph::events`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BroughtIn {
    /// The version.
    pub version: usize,
    /// The run that showed it to the agent first.
    pub shown: Option<usize>,
    /// Whether the version before it was tried, and was without the fault.
    pub is_tried: bool,
}

/// By what the clean room said of a step that failed.
pub(super) fn by_step(graph: &Graph<'_>, trial: Trial, said: &str) -> Option<BroughtIn> {
    let versions = graph.versions(&graph.dossier.seal.spec.function_path());
    let versions: Vec<usize> = versions.into_iter().map(|(at, _)| at).collect();
    let last = *versions.last()?;
    let ours = signatures(said);
    let runs: Vec<(usize, Ran)> = (0..graph.events.len())
        .filter_map(|at| match &graph.events[at].what {
            What::Command(command) => {
                let check = checks(trial)
                    .iter()
                    .find(|check| check_runs::is_run(command, **check))?;
                let is_same = !signatures(&command.call.output).is_disjoint(&ours);
                Some((at, ran(command, *check, is_same)))
            }
            _ => None,
        })
        .collect();
    let good = runs
        .iter()
        .rfind(|(_, ran)| *ran == Ran::Well)
        .map(|(at, _)| *at);
    let read = |run: usize| graph.before(run, Tie::Read).last().copied();
    let bad = runs
        .iter()
        .find(|(at, ran)| *ran == Ran::TheSameWay && good.is_none_or(|good| *at > good));
    let after_good = good
        .and_then(read)
        .and_then(|good| versions.iter().copied().find(|version| *version > good));
    if let Some((at, _)) = bad
        && let Some(version) = read(*at)
    {
        return Some(BroughtIn {
            version,
            shown: Some(*at),
            is_tried: after_good == Some(version),
        });
    }
    let by_line = line_of(graph, said).and_then(|line| by_line(graph, line));
    let version = by_line
        .or(after_good.filter(|one| *one == last))
        .unwrap_or(last);
    Some(BroughtIn {
        version,
        shown: None,
        is_tried: after_good == Some(version),
    })
}

/// How a run of a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Well,
    TheSameWay,
    Otherwise,
}

fn ran(command: &ShellCommand<'_>, check: Check, is_same: bool) -> Ran {
    let is_whole = command.call.status == ToolStatus::Completed && command.call.exit == Some(0);
    if is_same {
        Ran::TheSameWay
    } else if is_whole && !check_runs::shows_failure(command, check) {
        Ran::Well
    } else {
        Ran::Otherwise
    }
}

/// A dry run compiles first.
fn checks(trial: Trial) -> &'static [Check] {
    match trial {
        Trial::Compile => &[Check::Compile, Check::DryRun],
        Trial::Validate | Trial::Save => &[Check::DryRun],
        Trial::Tests => &[Check::Tests],
    }
}

/// The line of the function that a program names: `actions/x.ts:70:31`.
fn line_of(graph: &Graph<'_>, said: &str) -> Option<u32> {
    let path = graph.dossier.seal.spec.function_path();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let (_, rest) = said.split_once(&format!("{name}:"))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The first version that holds a line of the function, and after which no version was without it.
pub(super) fn by_line(graph: &Graph<'_>, line: u32) -> Option<usize> {
    let source = graph.dossier.seal.room.function.source()?;
    let source = graph.dossier.text(source)?;
    let at = usize::try_from(line).ok()?.checked_sub(1)?;
    let text = source.lines().nth(at)?.trim();
    // A brace stands everywhere.
    if text.len() < 4 {
        return None;
    }
    let mut since = None;
    for (at, version) in graph.versions(&graph.dossier.seal.spec.function_path()) {
        match &version.put {
            Put::Whole(all) if !all.contains(text) => since = None,
            Put::Whole(_) => since = since.or(Some(at)),
            Put::Part(part) if part.contains(text) => since = since.or(Some(at)),
            Put::Part(_) | Put::Unknown => {}
        }
    }
    since
}
