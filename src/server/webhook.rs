//! What a delivery leads to. A delivery is a hint; the pull request is read again before anything is begun.

use std::fmt::Display;

use crate::domain::beginning::Start;
use crate::domain::button::Button;
use crate::domain::delivery::Delivery;
use crate::domain::ending::CancelReason;
use crate::domain::name::RunId;
use crate::domain::place::PullRef;
use crate::domain::pull::{Cause, PullState};
use crate::domain::retention::Of;
use crate::domain::webhook_event::{Gone, PressedCheck};
use crate::edge::github::{self, GitHub};
use crate::edge::store::{DeliveryState, Store};
use crate::rules::intake::{Intake, intake};
use crate::run::deps::Deps;
use crate::run::fault::Fault;
use crate::run::request::{begin, look};

use super::comment;
use super::lookup::{may_write, read};
use super::purge::purge;

/// How far a delivery came, and a few words for the operator.
type Handled = (DeliveryState, String);

/// Works off one delivery, which came at that time. Doing it again changes nothing.
#[tracing::instrument(skip_all, fields(delivery = delivery.id))]
pub async fn receive(deps: &Deps, delivery: &Delivery, received_ms: i64) -> Result<(), Fault> {
    let id = delivery.id.as_str();
    let (state, note) = match github::read(&delivery.event, delivery.body.as_bytes()) {
        // GitHub would send the same again, so there is nothing to try again.
        Err(error) => (DeliveryState::Failed, error.to_string()),
        Ok(event) => {
            let github = deps.github()?;
            let login = github
                .bot_login()
                .await
                .map_err(|e| Fault::github("look up our own account", e))?;
            act(deps, github, intake(event, &login), (id, received_ms)).await?
        }
    };
    tracing::info!(event = delivery.event, note, "delivery");
    deps.store
        .delivery_ended(id, state, &note)
        .await
        .map_err(|e| Fault::passing("end a delivery", e))
}

async fn act(
    deps: &Deps,
    github: &GitHub,
    intake: Intake,
    (delivery, received_ms): (&str, i64),
) -> Result<Handled, Fault> {
    let store = &deps.store;
    match intake {
        Intake::Nothing { why } => Ok((DeliveryState::Ignored, why)),
        Intake::Look { pull, trigger } => {
            let now = read(github, &pull.at, pull.number).await?;
            done(look(deps, pull.at.installation, now, delivery, trigger).await?)
        }
        Intake::Command {
            pull,
            comment,
            by,
            lines,
        } => {
            done(comment::answer(deps, github, (&pull, &comment), &by, &lines, received_ms).await?)
        }
        Intake::Press { button, check, by } => {
            if !may_write(github, &check.at, &by.login).await? {
                let note = format!("{} may not write here", by.login);
                return Ok((DeliveryState::Ignored, note));
            }
            press(
                deps,
                github,
                (button, &check),
                &by.login,
                (delivery, received_ms),
            )
            .await
        }
        Intake::Stop { pull, reason } => {
            // Deliveries come in any order: it may be open again.
            if is_open(github, &pull).await? {
                return Ok((DeliveryState::Ignored, "it is open".into()));
            }
            let stopped = store
                .cancel_runs(&pull.place(), &reason)
                .await
                .map_err(|e| Fault::passing("stop runs", e))?;
            deps.engine.look(&pull.place());
            done(format!("{} runs stopped: {reason:?}", stopped.len()))
        }
        Intake::Purge {
            installation,
            gone: Gone::All,
        } => {
            let gone = Of::Installation(installation);
            let purged = purge(deps, &gone, &CancelReason::Uninstalled).await?;
            done(format!("installation {installation} is gone; {purged}"))
        }
        Intake::Purge {
            gone: Gone::Repos(repos),
            ..
        } => {
            let mut notes = Vec::new();
            for repo in repos {
                let gone = Of::Repo(repo.clone());
                let purged = purge(deps, &gone, &CancelReason::RepositoryRemoved).await?;
                notes.push(format!("{repo} is gone; {purged}"));
            }
            done(notes.join("; "))
        }
        Intake::Purge {
            gone: Gone::Nothing,
            ..
        } => Ok((DeliveryState::Ignored, "nothing is gone".into())),
    }
}

fn done(note: impl Display) -> Result<Handled, Fault> {
    Ok((DeliveryState::Done, note.to_string()))
}

async fn press(
    deps: &Deps,
    github: &GitHub,
    (button, check): (Button, &PressedCheck),
    by: &str,
    (delivery, received_ms): (&str, i64),
) -> Result<Handled, Fault> {
    let mut notes = Vec::new();
    for number in numbers(&deps.store, github, check).await? {
        let start = match button {
            Button::Retry => Start::Standing,
            Button::RetryClean => Start::Clean { of: Vec::new() },
            Button::Cancel => {
                let place = check.at.clone().pull(number).place();
                let reason = CancelReason::Pressed { by: by.to_owned() };
                let stopped = deps
                    .store
                    .cancel_runs_until(&place, &reason, received_ms)
                    .await;
                let stopped = stopped.map_err(|e| Fault::passing("stop runs", e))?;
                deps.engine.look(&place);
                notes.push(format!("{} stopped", stopped.len()));
                continue;
            }
        };
        let cause = Cause::Rerun {
            by: by.to_owned(),
            delivery: delivery.to_owned(),
            start,
        };
        let pull = read(github, &check.at, number).await?;
        let asked = begin(deps, check.at.installation, pull, cause).await?;
        notes.push(asked.to_string());
    }
    done(notes.join("; "))
}

/// The pull requests whose check was asked for again.
async fn numbers(store: &Store, github: &GitHub, check: &PressedCheck) -> Result<Vec<u64>, Fault> {
    let fault = |e| Fault::passing("find a run", e);
    let named = check.run.as_ref().and_then(|run| run.parse::<RunId>().ok());
    let by_id = match named {
        Some(run) => store.run(&run).await.map_err(fault)?,
        None => None,
    };
    let repo = &check.at.repo;
    let row = match by_id {
        Some(row) => Some(row),
        None => store
            .run_for_commit(repo, &check.head)
            .await
            .map_err(fault)?,
    };
    let of_this_repo = row.filter(|row| row.repo.as_ref() == Some(repo));
    if let Some(number) = of_this_repo.and_then(|row| row.pull) {
        return Ok(vec![number]);
    }
    if !check.pulls.is_empty() {
        return Ok(check.pulls.clone());
    }
    let with_head = github
        .pulls_with_head(&check.at, &check.head)
        .await
        .map_err(|e| Fault::github("find the pull request", e))?;
    Ok(with_head.into_iter().map(|pull| pull.number).collect())
}

async fn is_open(github: &GitHub, pull: &PullRef) -> Result<bool, Fault> {
    match github.pull(&pull.at, pull.number).await {
        Ok(pull) => Ok(pull.state != PullState::Closed),
        Err(error) if error.status() == Some(404) => Ok(false),
        Err(error) => Err(Fault::github("read the pull request", error)),
    }
}
