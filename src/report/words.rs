//! The sentences people read, as small functions of data: one tone in every report.

use crate::domain::activity::Activity;
use crate::domain::attempt_fault::AttemptFault;
use crate::domain::dossier::{Guard, Walls};
use crate::domain::ending::{CancelReason, Ending, Successor};
use crate::domain::event::Settlement;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::domain::guidance::Words;
use crate::domain::project::ProjectFolder;
use crate::domain::pull::Request;
use crate::domain::row::{Row, State};
use crate::domain::transcript::Usage;
use crate::domain::verdict::Verdict;
use crate::domain::view::View;
use crate::text::number::plural;

/// A sign for a verdict. Never alone: the word stands beside it.
pub fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Countersigned => "✅",
        Verdict::NeedsALook => "👀",
        Verdict::Blocked => "⛔",
        Verdict::Refused => "❌",
    }
}

/// Where an interaction is, in two or three words with a sign. Every sign is one character that terminals show two
/// columns wide.
pub fn state(state: &State) -> String {
    match state {
        State::Waiting => "⏳ waiting".into(),
        State::Working { attempt: 1, .. } => "🔨 working".into(),
        State::Working { attempt, .. } => format!("🔨 working, attempt {attempt}"),
        State::Judged { judgement } => {
            format!("{} {}", sign(judgement.verdict), judgement.verdict.words())
        }
        State::Stopped => "⏹️ stopped".into(),
        State::Carried { .. } => "✅ carried".into(),
        State::Edited { .. } => "👀 edited".into(),
        State::Adopted => "🤝 adopted".into(),
        State::TakenBack => "🔙 taken back".into(),
        State::Skipped { .. } => "⏩ skipped".into(),
        State::CalledOff { .. } => "🛑 called off".into(),
        State::Restored => "↩️ restored".into(),
        State::Removed => "➖ removed".into(),
        State::GivenUp { cause, .. } => match cause {
            AttemptFault::Ours | AttemptFault::AgentServer => "🔧 our fault".into(),
            AttemptFault::ProviderBusy => "🔌 model provider away".into(),
            AttemptFault::ProviderRefuses => "🔑 model provider refuses".into(),
            AttemptFault::RunBudgetSpent => "💰 not begun".into(),
        },
    }
}

/// What there is to say about an interaction in one sentence. May quote untrusted text.
pub fn sentence(row: &Row) -> String {
    match &row.state {
        State::Waiting => "Its turn has not come.".into(),
        State::Working { doing, .. } => activity(doing),
        State::Stopped => "The run ended before this did, so nothing is said of it.".into(),
        State::Judged { judgement } => judgement.sentence.clone(),
        State::Carried { .. } => {
            "Nothing that goes into it has changed since it was countersigned here.".into()
        }
        State::Edited { .. } => {
            "A person changed the function, or a module that it imports, after it was countersigned, so it is theirs now and was left as it is.".into()
        }
        State::Adopted => format!(
            "The function was there before its spec, so it is a person's and was left as it was. `/retry {}` has it built.",
            row.key
        ),
        State::TakenBack => format!(
            "It was committed here before and a person took it off the branch again, so it stays away until its spec changes. `/retry {}` has it built.",
            row.key
        ),
        State::Skipped { skipped } => format!(
            "{} wants it left alone here: {} `/retry {}` has it built.",
            skipped.by,
            sentence_of(&skipped.reason),
            row.key
        ),
        State::CalledOff { by } => format!(
            "{by} took it out of this run with `/cancel`. `/retry {}`, or the next push, has it built.",
            row.key
        ),
        State::Restored => "Its spec is as before this pull request again, so its function, its recording and its test are too.".into(),
        State::Removed => "Its spec is gone, so its function goes.".into(),
        State::GivenUp { cause, fault } => given_up(*cause, fault),
    }
}

/// What somebody gave as a reason, in one line with a full stop.
fn sentence_of(reason: &Words) -> String {
    let line = reason.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let more = if reason.left_out > 0 { " …" } else { "" };
    match line.ends_with(['.', '!', '?']) && more.is_empty() {
        true => line,
        false => format!("{line}{more}."),
    }
}

/// Why there is no verdict, and what is to be done. May quote untrusted text.
pub fn given_up(cause: AttemptFault, fault: &str) -> String {
    let fault = in_short(fault);
    match cause {
        AttemptFault::Ours | AttemptFault::AgentServer | AttemptFault::ProviderBusy => {
            format!("Not the author's fault: {fault}")
        }
        AttemptFault::ProviderRefuses => format!(
            "Not the author's fault: the model's provider refuses to work for this Countersign. Whoever runs it has to \
             mend the provider's key, its credit, or the name of the model; `/retry` builds it then. The provider said: {fault}"
        ),
        AttemptFault::RunBudgetSpent => format!(
            "No agent began: {fault} (`limits.run.usd` in the repository's settings). `/retry` begins with a new count."
        ),
    }
}

/// What an attempt is doing. May quote untrusted text.
pub fn activity(activity: &Activity) -> String {
    match activity {
        Activity::Preparing => "preparing".into(),
        Activity::Thinking => "thinking".into(),
        Activity::Writing => "writing".into(),
        Activity::Tool { name, about } => format!("{name} {about}"),
        Activity::CleanRoom => "in the clean room".into(),
        Activity::Mending => "mending what was found".into(),
        Activity::Failed { fault } => format!("failed: {fault}"),
        Activity::Told(words) => words.clone(),
    }
}

/// `42 s`, `3 min 5 s`, `1 h 2 min`.
pub fn duration(ms: u64) -> String {
    let seconds = ms.div_ceil(1000);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// `$0.31`; smaller amounts with more digits, nothing as `–`.
pub fn money(usage: &Usage) -> String {
    match usage.micro_usd {
        0 => "–".into(),
        1..10_000 => format!("${:.4}", usage.usd()),
        _ => format!("${:.2}", usage.usd()),
    }
}

/// All tokens, nothing as `–`.
pub fn tokens(usage: &Usage) -> String {
    match usage.tokens() {
        0 => "–".into(),
        n => amount(n),
    }
}

/// `950`, `12.3k`, `1.2M`.
pub fn amount(number: u64) -> String {
    match number {
        n @ 0..1_000 => n.to_string(),
        n @ 1_000..1_000_000 => format!("{:.1}k", n as f64 / 1e3),
        n => format!("{:.1}M", n as f64 / 1e6),
    }
}

/// `block`, `warning`, `note`.
pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Block => "blocks",
        Severity::Warn => "warning",
        Severity::Note => "note",
    }
}

/// What a repository's own severity, or a person, changed, as a sentence; nothing when nothing was changed. Quotes the reason.
pub fn overruled(finding: &Finding) -> Option<String> {
    let overruled = finding.overruled.as_ref()?;
    let otherwise = match overruled.own {
        Severity::Block => "it would block",
        Severity::Warn => "it would be a warning",
        Severity::Note => "it would be a note",
    };
    let reason = overruled
        .reason
        .as_deref()
        .map(|reason| format!(", because: {reason}"));
    let reason = reason.unwrap_or_default();
    let reason = reason.trim_end_matches('.');
    Some(match &overruled.by {
        Some(by) => format!("{by} overruled it; else {otherwise}{reason}."),
        None => format!("Without this repository's own severities {otherwise}{reason}."),
    })
}

/// How a finding is known: `proven`.
pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Proven => "proven",
        Confidence::Reproduced => "reproduced",
        Confidence::Inferred => "inferred",
        Confidence::Suspected => "suspected",
    }
}

/// Which walls stood around the agents, as a sentence.
pub fn walls(walls: &Walls) -> String {
    let tools = match walls.file_tools {
        Guard::Up => "file tools were kept to the workspace",
        Guard::Down => "file tools were NOT kept to the workspace",
    };
    format!(
        "Walls around the agents: {}; {tools}. They were tried before any agent began.",
        walls.shell
    )
}

/// The one line that says how a run stands: the title of the check run.
pub fn headline(view: &View) -> String {
    match &view.ending {
        None => progress(view),
        Some(Ending::NothingToDo) => "No interaction specs changed".into(),
        Some(Ending::Waiting { .. }) => "Waiting for a person".into(),
        Some(Ending::Superseded { .. }) => "Something newer took its place".into(),
        Some(Ending::Cancelled { .. }) => "Stopped".into(),
        Some(Ending::Declined { .. }) => "Not run".into(),
        Some(Ending::Faulted { .. }) => {
            "Countersign failed; this says nothing about the change".into()
        }
        Some(Ending::Finished) => tally(view),
    }
}

fn progress(view: &View) -> String {
    if view.merge_base.is_none() {
        return "Reading the specs".into();
    }
    let ended = view
        .rows
        .iter()
        .filter(|row| !matches!(row.state, State::Waiting | State::Working { .. }))
        .count();
    let working = view
        .rows
        .iter()
        .filter(|row| matches!(row.state, State::Working { .. }))
        .count();
    if working == 0 && ended == view.rows.len() {
        return "Putting the result together".into();
    }
    format!("{ended} of {} done, {working} at work", view.rows.len())
}

/// `2 countersigned, 1 refused, 1 carried`.
pub fn tally(view: &View) -> String {
    let count =
        |wanted: fn(&State) -> bool| view.rows.iter().filter(|row| wanted(&row.state)).count();
    let given_up_by = |wanted: fn(AttemptFault) -> bool| {
        let by = |row: &&Row| matches!(row.state, State::GivenUp { cause, .. } if wanted(cause));
        view.rows.iter().filter(by).count()
    };
    let counts = [
        (view.count(Verdict::Refused), "refused"),
        (view.count(Verdict::Blocked), "blocked"),
        (view.count(Verdict::NeedsALook), "to look at"),
        (view.count(Verdict::Countersigned), "countersigned"),
        (
            count(|state| matches!(state, State::Edited { .. })),
            "edited by a person",
        ),
        (
            count(|state| matches!(state, State::Carried { .. })),
            "carried",
        ),
        (count(|state| matches!(state, State::Adopted)), "adopted"),
        (
            count(|state| matches!(state, State::TakenBack)),
            "taken back by a person",
        ),
        (
            count(|state| matches!(state, State::Skipped { .. })),
            "skipped",
        ),
        (
            count(|state| matches!(state, State::CalledOff { .. })),
            "called off",
        ),
        (count(|state| matches!(state, State::Restored)), "restored"),
        (count(|state| matches!(state, State::Removed)), "removed"),
        (
            given_up_by(|cause| matches!(cause, AttemptFault::Ours | AttemptFault::AgentServer)),
            "failed by our fault",
        ),
        (
            given_up_by(|cause| {
                matches!(
                    cause,
                    AttemptFault::ProviderBusy | AttemptFault::ProviderRefuses
                )
            }),
            "failed by the model's provider",
        ),
        (
            given_up_by(|cause| cause == AttemptFault::RunBudgetSpent),
            "not begun",
        ),
    ];
    let mut words: Vec<String> = counts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!("{n} {word}"))
        .collect();
    let is_error = |problem: &&Finding| problem.severity != Severity::Note;
    let broken = view.problems.iter().filter(is_error).count();
    if broken > 0 {
        words.insert(
            0,
            format!(
                "{broken} {} in specs",
                if broken == 1 { "error" } else { "errors" }
            ),
        );
    }
    if let Some(Settlement::WholeFailed { .. }) = view.settlement {
        words.insert(0, "the project as a whole fails".into());
    } else if !view.failed.is_empty() {
        let failed: Vec<String> = view.failed.keys().map(ToString::to_string).collect();
        let verb = plural(failed.len(), "fails", "fail");
        words.insert(0, format!("{} as a whole {verb}", failed.join(", ")));
    }
    if words.is_empty() {
        "Nothing to do".into()
    } else {
        words.join(", ")
    }
}

/// What stands above what was found before anything was built.
pub fn problems_title(view: &View) -> &'static str {
    let is_note = |problem: &Finding| problem.severity == Severity::Note;
    if view.problems.iter().all(is_note) {
        "Known before anything was built"
    } else {
        "Errors in specs and settings"
    }
}

/// What became of the run, as a sentence. Quotes untrusted text only where it says so.
pub fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Finished => "Every interaction was brought to its end.".into(),
        Ending::NothingToDo => "This change adds, changes or removes no interaction specs, so there was nothing to build.".into(),
        Ending::Superseded { by } => format!(
            "{} took its place; what was finished is kept and carried over.",
            successor(by)
        ),
        Ending::Cancelled { reason } => format!("It was stopped: {}.", cancelled(reason)),
        Ending::Waiting { why } | Ending::Declined { why } => why.clone(),
        Ending::Faulted { why } => {
            format!("This is a fault of Countersign or its surroundings, not of the change: {} Comment `/retry` to try again.", in_short(why))
        }
    }
}

/// How a run ended and what became of the commit, as sentences; nothing while it goes on. That a run ended as it
/// should goes without saying when there is a commit, or a reason for none, to tell of.
pub fn outcome(view: &View) -> Vec<String> {
    let told = view
        .ending
        .as_ref()
        .filter(|ending| **ending != Ending::Finished || view.settlement.is_none());
    told.map(ending)
        .into_iter()
        .chain(view.settlement.as_ref().map(settlement))
        .chain(view.failed.keys().map(project_failed))
        .chain(emptied(view).map(project_emptied))
        .collect()
}

/// The projects that a commit leaves without functions, when there is one.
fn emptied(view: &View) -> impl Iterator<Item = &ProjectFolder> {
    let is_made = matches!(
        view.settlement,
        Some(Settlement::Committed { .. } | Settlement::Fork { .. })
    );
    view.emptied.iter().filter(move |_| is_made)
}

/// That a commit takes the last function out of a project, as a sentence.
pub fn project_emptied(project: &ProjectFolder) -> String {
    format!(
        "No function is left in {project}: an empty project stays, in which Nango has nothing to compile or deploy."
    )
}

/// That one project of several is left out of the commit, as a sentence.
pub fn project_failed(project: &ProjectFolder) -> String {
    format!(
        "Nothing was committed in {project}: each of its functions passed alone, but the project as a whole does not compile \
         or its tests fail. The other projects do not wait for it."
    )
}

/// What an interaction is, and where there are several projects, in which.
pub fn kind(view: &View, row: &Row) -> String {
    match view.to_name(row) {
        Some(project) => format!("{} in {project}", row.kind.word()),
        None => row.kind.word().to_owned(),
    }
}

/// What became of the commit, as a sentence. `branch` names and reasons are untrusted text.
pub fn settlement(settlement: &Settlement) -> String {
    match settlement {
        Settlement::Committed { commit, branch, paths } => {
            format!("Committed {} to {branch} ({} {}).", commit.short(), paths.len(), plural(paths.len(), "file", "files"))
        }
        Settlement::Watched => {
            "Nothing was committed: `mode: permissive` only watches what agents do, and these are the findings that they would have had.".into()
        }
        Settlement::Nothing => "Nothing was committed: there was nothing new to put in.".into(),
        Settlement::WholeFailed { .. } => {
            "Nothing was committed: each function passed alone, but the project as a whole does not compile or its tests fail.".into()
        }
        Settlement::Fork { functions, patch } => format!(
            "{functions} {} countersigned but not committed: the branch is in a fork, which the App cannot write to. The review has the commit as a patch, and so has blob {} in the server's state folder.",
            plural(*functions as usize, "function was", "functions were"),
            patch.short()
        ),
        Settlement::Moved { to: Some(to) } => {
            format!("The branch moved to {} meanwhile; nothing was overwritten.", to.short())
        }
        Settlement::Moved { to: None } => "The branch was deleted meanwhile; nothing was pushed.".into(),
        Settlement::PushRefused { reason } => format!("GitHub refused the push: {reason}"),
    }
}

/// Who or what asked for the run, as a short phrase.
pub fn asked(request: &Request) -> String {
    match request.cause.asked_by() {
        Some(login) => format!("asked for by {login}"),
        None => "for the newest commit".into(),
    }
}

/// With a capital first letter.
pub fn capital(words: &str) -> String {
    let mut chars = words.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// The first line of what went wrong: the rest is for the operator's log and may name things of this machine.
fn in_short(fault: &str) -> String {
    crate::text::clip::shorten(fault.lines().next().unwrap_or_default(), 300)
}

/// What took a run's place, at the beginning of a sentence.
fn successor(by: &Successor) -> String {
    match by {
        Successor::Run(run) => format!("Run {run}"),
        Successor::Commit(commit) => format!("Commit {}", commit.short()),
        Successor::Told(words) => words.clone(),
    }
}

/// Why a run was stopped, as a clause.
fn cancelled(reason: &CancelReason) -> String {
    match reason {
        CancelReason::Superseded { by } => format!("run {by} took its place"),
        CancelReason::PullRequestClosed => "the pull request was closed".into(),
        CancelReason::BranchGone => "its branch or its base branch is gone".into(),
        CancelReason::BranchDeleted => "its branch was deleted".into(),
        CancelReason::Uninstalled => "the App was uninstalled".into(),
        CancelReason::RepositoryRemoved => "the App was taken off the repository".into(),
        CancelReason::TookTooLong { minutes } => {
            format!(
                "it took longer than {minutes} minutes of its own time, which is all that the settings allow"
            )
        }
        CancelReason::Interrupted => "it was interrupted".into(),
        CancelReason::Command { by } => format!("{by} said `/cancel`"),
        CancelReason::Pressed { by } => format!("{by} pressed *Cancel*"),
        CancelReason::Told(words) => words.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well() {
        assert_eq!(duration(41_001), "42 s");
        assert_eq!(duration(185_000), "3 min 5 s");
        let usage = Usage {
            input: 12_345,
            micro_usd: 312_000,
            ..Usage::default()
        };
        assert_eq!(
            (money(&usage), tokens(&usage)),
            ("$0.31".into(), "12.3k".into())
        );
        assert_eq!(money(&Usage::default()), "–");
    }
}
