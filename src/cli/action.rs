//! `countersign action`: one event of a pull request, worked off in a step of a workflow. There is no server, no webhook and no
//! App: the event is in a file, and GitHub is asked with the workflow's token.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::{App, EngineSetup, GitHubSetup, Setup};
use crate::cli::args::ActionArgs;
use crate::domain::name::RunId;
use crate::domain::post::Conclusion;
use crate::domain::view::View;
use crate::edge::store::DeliveryState;
use crate::report::check_run;
use crate::report::summary::{self, Links};
use crate::server::{shown, worker};

use super::action_event::{ActionEvent, Asks};
use super::error::CommandError;
use super::exit_code;
use super::signals::stop_on_signal;
use super::work::{LogForm, Working, end, end_when_lost, log};

/// How often it is looked whether anything is left to do.
const LOOK: Duration = Duration::from_millis(500);

/// Works the event off, tells people as the server would, and ends with how the run ended.
pub async fn action(args: ActionArgs) -> Result<ExitCode, CommandError> {
    let traces = log(LogForm::Text)?;
    let (pull, delivery, asks) = match ActionEvent::read(&args)? {
        ActionEvent::Pull {
            pull,
            delivery,
            asks,
        } => (pull, delivery, asks),
        ActionEvent::Nothing { why } => {
            say!("nothing to do: {why}");
            return Ok(ExitCode::SUCCESS);
        }
    };
    let Working { app, lock } = Working::open(setup(&args)?).await?;
    let store = &app.deps.store;
    let place = pull.place();
    // Run again with the state folder of before, a head that was looked at is not looked at anew, and is not good for that.
    let before: BTreeSet<RunId> = match asks {
        Asks::Verdict => BTreeSet::new(),
        Asks::Deed => runs(&app, &place).await?.into_iter().collect(),
    };
    store
        .receive(&delivery)
        .await
        .map_err(CommandError::fault)?;
    app.deps.engine.deliver(&delivery.id);
    let stop = stop_on_signal("stopping; what is under way is kept in the state folder");
    let (idle, (), ()) = tokio::join!(
        async {
            let idle = until_idle(&app, &stop).await;
            stop.cancel();
            idle
        },
        worker::work(app.clone(), stop.clone()),
        end_when_lost(lock, &stop)
    );
    let ended = match idle {
        Ok(()) => told(&app, &args, &place, &before, &delivery.id).await,
        Err(error) => Err(error),
    };
    app.close().await;
    end(traces).await;
    ended
}

fn setup(args: &ActionArgs) -> Result<Setup<'_>, CommandError> {
    let nango = args.nango.secret()?;
    let github = GitHubSetup::from_token(&args.github, args.token()?, &args.login)?;
    Ok(Setup {
        state: &args.state,
        nango,
        nango_hostport: &args.nango.nango_hostport,
        agent: &args.agent,
        github: Some(github),
        engine: EngineSetup::InProcess {
            builds: usize::from(args.builds),
        },
        progress: &|words| tracing::info!("{words}"),
    })
}

/// The runs of the pull request, newest first.
async fn runs(app: &App, place: &str) -> Result<Vec<RunId>, CommandError> {
    let rows = app.deps.store.runs_of(place).await;
    let rows = rows.map_err(CommandError::fault)?;
    Ok(rows.into_iter().map(|row| row.run).collect())
}

/// Waits until the event is worked off, its runs have ended, and people were told.
async fn until_idle(app: &App, stop: &CancellationToken) -> Result<(), CommandError> {
    let store = &app.deps.store;
    while !stop.is_cancelled() {
        let left = store.how_many_left().await.map_err(CommandError::fault)?;
        let places = store.places_left().await.map_err(CommandError::fault)?;
        if left == (0, 0) && places.is_empty() {
            break;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    Ok(())
}

/// Writes what became of it for the workflow, and says it by the exit code.
async fn told(
    app: &App,
    args: &ActionArgs,
    place: &str,
    before: &BTreeSet<RunId>,
    delivery: &str,
) -> Result<ExitCode, CommandError> {
    let store = &app.deps.store;
    let came = store.delivery(delivery).await;
    let came = came.map_err(CommandError::fault)?;
    match came.map(|(_, state)| state) {
        Some(DeliveryState::Failed) => {
            let words = "the event could not be worked off; the log above says why";
            return Err(CommandError::Fault(words.to_owned()));
        }
        Some(DeliveryState::Received) => {
            let words = "the event was not worked off before this step was ended";
            return Err(CommandError::Fault(words.to_owned()));
        }
        Some(DeliveryState::Done | DeliveryState::Ignored) | None => {}
    }
    let all = runs(app, place).await?;
    let Some(newest) = all.iter().find(|run| !before.contains(*run)) else {
        say!("the event asked for no run");
        return Ok(ExitCode::from(exit_code::COUNTERSIGNED));
    };
    let events = store.events(newest, 0).await.map_err(CommandError::fault)?;
    let view = shown::view(app.deps.github.as_ref(), events).map_err(CommandError::fault)?;
    let report = summary::render(&view, &Links::default());
    if let Some(file) = &args.summary {
        append(file, &report)?;
    }
    if let Some(file) = &args.output {
        append(file, &outputs(newest, &view))?;
    }
    say!("{report}");
    Ok(exit_code::of_run(&view))
}

/// What later steps may go by.
fn outputs(run: &RunId, view: &View) -> String {
    let check = check_run::render(view, &Links::default());
    let conclusion = check.conclusion.map(Conclusion::word).unwrap_or_default();
    let commit = view.pushed().map(ToString::to_string).unwrap_or_default();
    format!("run={run}\nconclusion={conclusion}\ncommit={commit}\n")
}

fn append(file: &Path, text: &str) -> Result<(), CommandError> {
    let opened = OpenOptions::new().append(true).create(true).open(file);
    let written = opened.and_then(|mut opened| writeln!(opened, "{text}"));
    written.map_err(|e| CommandError::Fault(format!("{} cannot be written: {e}", file.display())))
}
