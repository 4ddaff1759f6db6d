//! What a delivery leads to. A delivery is a hint; the pull request is read again before anything is begun.

use crate::app::App;
use crate::domain::name::{InteractionKey, RepoName, RunId};
use crate::domain::pull::{Cause, PullRequest, PullState};
use crate::domain::view::View;
use crate::domain::webhook_event::{Actor, Gone};
use crate::edge::github::{self, GitHub, Where};
use crate::edge::store::DeliveryState;
use crate::rules::authorize::{Permit, permit};
use crate::rules::comment::Line;
use crate::rules::intake::{Intake, Seed, intake};
use crate::run::fault::Fault;
use crate::run::request::{Occasion, look};
use crate::slash;

/// Works off one stored delivery. Doing it again changes nothing.
pub async fn receive(app: &App, id: &str) -> Result<(), Fault> {
    let found = app
        .store
        .delivery(id)
        .await
        .map_err(|e| Fault::passing("read a delivery", e))?;
    let Some((delivery, state)) = found else {
        return Err(Fault::bug(format!("delivery {id} is not stored")));
    };
    if matches!(state, DeliveryState::Done | DeliveryState::Ignored) {
        return Ok(());
    }
    let (state, note) = match github::read(&delivery.event, delivery.body.as_bytes()) {
        // GitHub would send the same again, so there is nothing to try again.
        Err(error) => (DeliveryState::Failed, error.to_string()),
        Ok(happening) => {
            let github = app.github()?;
            let login = github
                .bot_login()
                .await
                .map_err(|e| Fault::github("look up our own account", e))?;
            act(app, github, intake(happening, &login), id).await?
        }
    };
    tracing::info!(delivery = id, event = delivery.event, note, "delivery");
    app.store
        .delivery_ended(id, state, &note)
        .await
        .map_err(|e| Fault::passing("end a delivery", e))
}

async fn act(
    app: &App,
    github: &GitHub,
    intake: Intake,
    delivery: &str,
) -> Result<(DeliveryState, String), Fault> {
    let note = match intake {
        Intake::Nothing { why } => return Ok((DeliveryState::Ignored, why)),
        Intake::Run {
            installation,
            repo,
            number,
            seed,
        } => {
            let place = Where { installation, repo };
            let pull = read(github, &place, number).await?;
            let installation = place.installation;
            let occasion = match seed {
                Seed::Base => None,
                Seed::Head => Some(Occasion::Moved),
                Seed::Ready => Some(Occasion::Ready),
                Seed::Reopened => Some(Occasion::Reopened),
            };
            match occasion {
                None => begin(app, installation, pull, Cause::Base).await?,
                Some(occasion) => look(&app.store, installation, pull, delivery, occasion).await?,
            }
        }
        Intake::Command {
            installation,
            repo,
            number,
            comment,
            by,
            lines,
        } => {
            command(
                app,
                github,
                &Where { installation, repo },
                number,
                comment,
                &by,
                &lines,
            )
            .await?
        }
        Intake::Rerun {
            installation,
            repo,
            head,
            run,
            pulls,
            by,
        } => {
            let place = Where { installation, repo };
            if !may(github, &place, &by.login).await? {
                return Ok((
                    DeliveryState::Ignored,
                    format!("{} may not write here", by.login),
                ));
            }
            let numbers = numbers(app, github, &place, &head, run, pulls).await?;
            let mut notes = Vec::new();
            for number in numbers {
                let cause = Cause::Rerun {
                    by: by.login.clone(),
                    delivery: delivery.to_owned(),
                };
                notes.push(
                    begin(
                        app,
                        place.installation,
                        read(github, &place, number).await?,
                        cause,
                    )
                    .await?,
                );
            }
            notes.join("; ")
        }
        Intake::Stop {
            installation,
            repo,
            number,
            reason,
        } => {
            let place = format!("{repo}#{number}");
            // Deliveries come in any order: it may be open again.
            let at = Where { installation, repo };
            match github.pull(&at, number).await {
                Ok(pull) if pull.state != PullState::Closed => {
                    return Ok((DeliveryState::Ignored, "it is open".into()));
                }
                Ok(_) => {}
                Err(error) if error.status() == Some(404) => {}
                Err(error) => return Err(Fault::github("read the pull request", error)),
            }
            let stopped = app
                .store
                .cancel_runs(&place, &reason)
                .await
                .map_err(|e| Fault::passing("stop runs", e))?;
            format!("{} runs stopped: {reason:?}", stopped.len())
        }
        Intake::Purge { installation, gone } => purge(app, installation, gone).await?,
    };
    Ok((DeliveryState::Done, note))
}

async fn begin(
    app: &App,
    installation: u64,
    pull: PullRequest,
    cause: Cause,
) -> Result<String, Fault> {
    crate::run::request::begin(&app.store, installation, pull, cause).await
}

/// Carries out the commands of a comment, when whoever wrote it may write to the repository.
async fn command(
    app: &App,
    github: &GitHub,
    place: &Where,
    number: u64,
    comment: u64,
    by: &Actor,
    lines: &[Line],
) -> Result<String, Fault> {
    let known = known(app, &place.repo, number).await?;
    let Some(answer) = slash::answer(lines, &known) else {
        return Ok("no command of ours".into());
    };
    if !may(github, place, &by.login).await? {
        return Ok(format!("{} may not write here", by.login));
    }
    github
        .react(place, comment, answer.reaction)
        .await
        .map_err(|e| Fault::github("react to a comment", e))?;
    if let Some(say) = &answer.say {
        let marker = format!("<!-- countersign:answer:{comment} -->");
        let said = github
            .ensure_sticky(place, number, &marker, say, None)
            .await;
        said.map_err(|e| Fault::github("answer a comment", e))?;
    }
    match answer.run {
        None => Ok("answered".into()),
        Some(only) => {
            let cause = Cause::Retry {
                by: by.login.clone(),
                comment,
                only,
            };
            begin(
                app,
                place.installation,
                read(github, place, number).await?,
                cause,
            )
            .await
        }
    }
}

/// The interactions of the pull request, from its newest run that has a plan.
async fn known(app: &App, repo: &RepoName, number: u64) -> Result<Vec<InteractionKey>, Fault> {
    let place = format!("{repo}#{number}");
    let mut runs = app
        .store
        .runs_of(&place)
        .await
        .map_err(|e| Fault::passing("read the runs", e))?;
    runs.sort_by_key(|row| std::cmp::Reverse(row.requested_ms));
    for row in runs {
        let events = app
            .store
            .events(&row.run, 0)
            .await
            .map_err(|e| Fault::passing("read a run's log", e))?;
        let view = View::of(&events);
        if !view.rows.is_empty() {
            return Ok(view.rows.into_iter().map(|row| row.key).collect());
        }
    }
    Ok(Vec::new())
}

/// The pull requests whose check was asked for again.
async fn numbers(
    app: &App,
    github: &GitHub,
    place: &Where,
    head: &crate::domain::name::Sha,
    run: Option<String>,
    pulls: Vec<u64>,
) -> Result<Vec<u64>, Fault> {
    let store = |e| Fault::passing("find a run", e);
    let by_id = match run.and_then(|run| run.parse::<RunId>().ok()) {
        Some(run) => app.store.run(&run).await.map_err(store)?,
        None => None,
    };
    let row = match by_id {
        Some(row) => Some(row),
        None => app
            .store
            .run_for_commit(&place.repo, head)
            .await
            .map_err(store)?,
    };
    if let Some(number) = row
        .filter(|row| row.repo.as_ref() == Some(&place.repo))
        .and_then(|row| row.pull)
    {
        return Ok(vec![number]);
    }
    if !pulls.is_empty() {
        return Ok(pulls);
    }
    let with_head = github
        .pulls_with_head(place, head)
        .await
        .map_err(|e| Fault::github("find the pull request", e))?;
    Ok(with_head.into_iter().map(|pull| pull.number).collect())
}

async fn purge(app: &App, installation: u64, gone: Gone) -> Result<String, Fault> {
    let store = |e| Fault::passing("forget an installation", e);
    match gone {
        Gone::Nothing => Ok("nothing is gone".into()),
        Gone::All => {
            let runs = app
                .store
                .installation_gone(installation)
                .await
                .map_err(store)?;
            Ok(format!(
                "installation {installation} is gone; {} runs stopped",
                runs.len()
            ))
        }
        Gone::Repos(repos) => {
            for repo in &repos {
                app.store.repo_gone(repo).await.map_err(store)?;
            }
            Ok(format!("{} repositories are gone", repos.len()))
        }
    }
}

async fn may(github: &GitHub, place: &Where, login: &str) -> Result<bool, Fault> {
    let permission = github
        .permission(place, login)
        .await
        .map_err(|e| Fault::github("look up who may write", e))?;
    Ok(permit(permission) == Permit::May)
}

async fn read(github: &GitHub, place: &Where, number: u64) -> Result<PullRequest, Fault> {
    github
        .pull(place, number)
        .await
        .map_err(|e| Fault::github("read the pull request", e))
}
