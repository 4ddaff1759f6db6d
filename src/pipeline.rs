//! The story of a run, top to bottom: look, plan, build, settle, end. Every step writes an event before the next
//! begins, and what the log says was done is not done again.

use crate::app::App;
use crate::domain::event::{Ending, Event, Settlement};
use crate::domain::plan::{Signed, Step};
use crate::domain::pull::Origin;
use crate::domain::verdict::Verdict;
use crate::stage::build::Bench;
use crate::stage::callback::{CallBack, Why};
use crate::stage::checkout::{self, Checkout, Looked};
use crate::stage::fault::Fault;
use crate::stage::run_log::{Planned, RunLog, SoFar};
use crate::stage::settle::Table;
use crate::stage::skills::Skills;
use crate::stage::survey;
use crate::stage::{begin, crowd, tidy};

/// Works on one run until it has ended.
pub async fn run(app: &App, log: &RunLog, callback: &CallBack) -> Result<(), Fault> {
    let so_far = log.so_far().await?;
    if so_far.view.ending.is_some() {
        return Ok(());
    }
    let ending = match story(app, log, callback, &so_far).await {
        Err(Fault::CalledBack) => match callback.why() {
            Some(Why::Asked(why)) => Ending::of_call_back(why),
            Some(Why::Shutdown | Why::Lost) | None => return Err(Fault::CalledBack),
        },
        ending => ending?,
    };
    log.append(Event::Ended {
        ending: ending.clone(),
    })
    .await?;
    tidy::run_folder(&app.workshop, log.run()).await;
    match &app.github {
        Some(github) if matches!(ending, Ending::Superseded { .. }) => {
            begin::follow(&app.store, github, &so_far).await
        }
        _ => Ok(()),
    }
}

async fn story(
    app: &App,
    log: &RunLog,
    callback: &CallBack,
    so_far: &SoFar,
) -> Result<Ending, Fault> {
    // Look.
    let request = so_far.request()?;
    let checkout = match &request.origin {
        Origin::PullRequest { .. } => checkout::pull(app.github()?, &app.mirrors, request).await?,
        Origin::Local {
            repository,
            head,
            base,
        } => checkout::local(repository.as_ref(), head, base).await?,
    };
    let checkout = match checkout {
        Looked::At(checkout) => checkout,
        Looked::End(ending) => return Ok(ending),
    };
    if let Some(ending) =
        crowd::too_many(&app.store, request, &checkout.settings, app.now_ms()).await?
    {
        return Ok(ending);
    }
    let _timer = crowd::timer(callback, &checkout.settings, so_far, app.now_ms());

    // Plan.
    let skills = survey::skills(&checkout).await?;
    let planned = match so_far.planned() {
        Some(planned) => planned,
        None => plan(app, log, &checkout, &skills, so_far).await?,
    };
    if planned.plan.steps.is_empty() && planned.plan.problems.is_empty() {
        return Ok(Ending::NothingToDo);
    }

    // Build.
    if planned
        .plan
        .steps
        .iter()
        .any(|step| matches!(step, Step::Build { .. }))
        && so_far.view.walls.is_none()
    {
        log.append(Event::WallsTried {
            walls: app.workshop.walls().await?.clone(),
        })
        .await?;
    }
    let bench = Bench {
        workshop: &app.workshop,
        log,
        callback,
        settings: &checkout.settings,
        skills: &skills,
        now: &|| app.now_ms(),
    };
    let earlier = survey::earlier(&app.store, request).await?;
    crowd::each_at_once(&bench, &planned.plan, &earlier, so_far).await?;

    // Settle.
    let view = log.so_far().await?.view;
    let settlement = match &view.settlement {
        Some(settlement) => settlement.clone(),
        None => {
            sign(app, log, &planned).await?;
            let table = Table {
                workshop: &app.workshop,
                github: app.github.as_ref(),
                checkout: &checkout,
                request,
                planned: &planned,
                view: &view,
                callback,
            };
            let settlement = table.settle().await?;
            log.append(Event::Settled {
                settlement: settlement.clone(),
            })
            .await?;
            settlement
        }
    };
    if let Settlement::Committed { commit, .. } = &settlement {
        app.store
            .set_pushed(log.run(), commit)
            .await
            .map_err(|e| Fault::passing("write down the commit", e))?;
    }
    Ok(match settlement {
        Settlement::Moved { to } => Ending::moved(to),
        _ => Ending::Finished,
    })
}

async fn plan(
    app: &App,
    log: &RunLog,
    checkout: &Checkout,
    skills: &Skills,
    so_far: &SoFar,
) -> Result<Planned, Fault> {
    let request = so_far.request()?;
    let tools = app.workshop.template.tools();
    let plan = survey::plan(checkout, request, &app.store, &skills.digest(), &tools.lock).await?;
    let logged = log
        .append(Event::Planned {
            plan: plan.clone(),
            merge_base: checkout.merge_base.clone(),
            project: checkout.settings.project.clone(),
            mode: checkout.settings.mode,
        })
        .await?;
    Ok(Planned {
        plan,
        merge_base: checkout.merge_base.clone(),
        at_ms: logged.at_ms,
    })
}

/// Remembers what was countersigned before anything is pushed, so that a run for a newer head can carry it; and forgets
/// what goes.
async fn sign(app: &App, log: &RunLog, planned: &Planned) -> Result<(), Fault> {
    let so_far = log.so_far().await?;
    let place = so_far.request()?.place();
    let store = |e| Fault::passing("write down what was signed", e);
    for logged in &so_far.events {
        let Event::Judged {
            judgement,
            fingerprint,
            ..
        } = &logged.event
        else {
            continue;
        };
        let (interaction, dossier) = (judgement.interaction.clone(), judgement.dossier.clone());
        if judgement.verdict == Verdict::Countersigned {
            let signed = Signed {
                interaction,
                fingerprint: fingerprint.clone(),
                dossier,
            };
            app.store.sign(&place, &signed).await.map_err(store)?;
        } else {
            app.store
                .unsign(&place, &interaction)
                .await
                .map_err(store)?;
        }
    }
    for step in planned
        .plan
        .steps
        .iter()
        .filter(|step| matches!(step, Step::Remove { .. }))
    {
        app.store.unsign(&place, step.key()).await.map_err(store)?;
    }
    Ok(())
}
