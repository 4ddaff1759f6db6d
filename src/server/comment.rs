//! Carrying out the commands of a comment.

use crate::domain::comment::CommentAt;
use crate::domain::ending::CancelReason;
use crate::domain::history::History;
use crate::domain::name::{InteractionKey, RunId, Sha};
use crate::domain::place::PullRef;
use crate::domain::pull::Cause;
use crate::domain::view::View;
use crate::domain::webhook_event::Actor;
use crate::edge::github::GitHub;
use crate::report::answer::{explained, nobody_at_work, status};
use crate::report::meaning::meaning;
use crate::rules::authorize::{Permit, permit};
use crate::rules::comment::CommandLine;
use crate::run::deps::Deps;
use crate::run::fault::Fault;
use crate::run::request::begin;
use crate::slash::{self, Seen, Shown};

use super::decide::Deciding;
use super::lookup::{permission, read};
use super::remarks::remarks;

/// Answers the commands of a comment, when whoever wrote it may give all of them; says for the operator what came
/// of it.
pub async fn answer(
    deps: &Deps,
    github: &GitHub,
    (pull, comment): (&PullRef, &CommentAt),
    by: &Actor,
    lines: &[CommandLine],
    received_ms: i64,
) -> Result<String, Fault> {
    let history = deps.store.history(&pull.place()).await;
    let history = history.map_err(|e| Fault::passing("read the runs", e))?;
    let newest = history.newest_planned();
    let rows = newest.iter().flat_map(|view| &view.rows);
    let interactions: Vec<InteractionKey> = rows.map(|row| row.key.clone()).collect();
    let about = (comment.path()).and_then(|path| newest.as_ref()?.about(path));
    let seen = Seen {
        about,
        view: newest.as_ref(),
        interactions: &interactions,
        commands: slash::COMMANDS,
    };
    let Some(answer) = slash::answer(lines, &seen) else {
        return Ok("no command of ours".into());
    };
    let role = permission(github, &pull.at, &by.login).await?;
    if permit(role, answer.needs) == Permit::MayNot {
        return Ok(format!("{} may not do that here", by.login));
    }
    github
        .react_to(&pull.at, comment, answer.reaction)
        .await
        .map_err(|e| Fault::github("react to a comment", e))?;
    let deciding = Deciding {
        deps,
        history: &history,
        by: &by.login,
        comment: comment.id(),
    };
    let idle = deciding.cancel(&answer.calls_off).await?;
    let shown = answer
        .shows
        .iter()
        .map(|shown| show(shown, newest.as_ref()));
    let idle = (!idle.is_empty()).then(|| nobody_at_work(&idle));
    let said: Vec<String> = shown.chain(answer.say).chain(idle).collect();
    if !said.is_empty() {
        let say = github.redacted(said.join("\n\n"));
        let marker = format!("<!-- countersign:answer:{} -->", comment.name());
        let said = github
            .ensure_sticky(&pull.at, pull.number, &marker, &say, None)
            .await;
        said.map_err(|e| Fault::github("answer a comment", e))?;
    }
    // A newer run takes the place of what is under way by itself.
    if answer.stops && answer.run.is_none() {
        let reason = CancelReason::Command {
            by: by.login.clone(),
        };
        let stopped = deps
            .store
            .cancel_runs_until(&pull.place(), &reason, received_ms)
            .await;
        stopped.map_err(|e| Fault::passing("stop runs", e))?;
        deps.engine.look(&pull.place());
    }
    let mut decisions = answer.decisions;
    decisions.role = role;
    if answer.run.is_none() {
        // What is under way goes on without them.
        for skip in &mut decisions.skips {
            skip.of = deciding.skip(&skip.of, &skip.reason).await?;
        }
        decisions.skips.retain(|skip| !skip.of.is_empty());
        if decisions.is_empty() {
            return Ok("answered".into());
        }
    }
    let (by, comment) = (by.login.clone(), comment.id());
    let now = read(github, &pull.at, pull.number).await?;
    let cause = match answer.run {
        Some(wanted) => Cause::Retry {
            by,
            comment,
            remarks: remarks(github, pull, newest.as_ref(), &wanted.only).await?,
            only: wanted.only,
            start: wanted.start,
            hints: wanted.hints,
            decisions,
            budgets: wanted.budgets,
        },
        None => Cause::Decided {
            by,
            comment,
            decisions,
            after: planned_for(&history, &now.head),
        },
    };
    let asked = begin(deps, pull.at.installation, now, cause).await?;
    Ok(asked.to_string())
}

/// The newest run of a commit, when it came to a plan.
fn planned_for(history: &History, head: &Sha) -> Option<RunId> {
    let newest = history.newest_for(head);
    let planned = newest.filter(|view| view.merge_base.is_some())?;
    planned.request.map(|request| request.run)
}

fn show(shown: &Shown, newest: Option<&View>) -> String {
    match (shown, newest) {
        (Shown::Interactions { keys }, Some(view)) => explained(view, keys),
        (Shown::Finding { name }, newest) => meaning(name, newest),
        (Shown::Status | Shown::Interactions { .. }, newest) => status(newest),
    }
}
