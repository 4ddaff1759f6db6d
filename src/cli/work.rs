//! `countersign work`, and what `serve` has in common with it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use crate::app::{App, EngineSetup, GitHubSetup, Setup};
use crate::cli::args::WorkArgs;
use crate::domain::limits;
use crate::edge::store::{Company, DatabaseLock, StoreError};
use crate::server::worker;

use super::error::CommandError;
use super::signals::{KEPT, stop_on_signal};

/// Works on what others have received, until it is told to stop.
pub async fn work(args: WorkArgs) -> Result<ExitCode, CommandError> {
    log(&args);
    let setup = setup(&args)?;
    if setup.engine.company() == Company::None {
        let words = "`work` does what another process has received: name the Temporal that brings them together with --engine, or use `serve`";
        return Err(CommandError::Usage(words.to_owned()));
    }
    let Working { app, lock } = Working::open(setup).await?;
    let stop = stop_on_signal(KEPT);
    tracing::info!(builds = args.builds, "working");
    let working = worker::work(app.clone(), stop.clone());
    tokio::join!(working, end_when_lost(lock, &stop));
    app.close().await;
    Ok(ExitCode::SUCCESS)
}

/// A process that may work.
pub(super) struct Working {
    /// With what.
    pub(super) app: Arc<App>,
    /// Against those who may not work beside it.
    pub(super) lock: DatabaseLock,
}

impl Working {
    /// Opens everything, tries the walls, and locks the database.
    pub(super) async fn open(setup: Setup<'_>) -> Result<Self, CommandError> {
        let (company, blobs) = (setup.engine.company(), setup.state.blobs.clone());
        let app = App::open(setup).await?;
        if company == Company::Many && blobs.is_none() {
            tracing::warn!(
                "evidence is kept in a folder: all machines have to see the same one, or name a bucket with --blobs"
            );
        }
        // Better at start than in the middle of somebody's pull request.
        let walls = app
            .deps
            .machine
            .walls()
            .await
            .map_err(CommandError::fault)?;
        tracing::info!(shell = walls.shell, file_tools = ?walls.file_tools, "walls around agents");
        let lock = lock(&app, company).await?;
        Ok(Self {
            app: Arc::new(app),
            lock,
        })
    }
}

/// What a process that works is made from.
pub(super) fn setup(args: &WorkArgs) -> Result<Setup<'_>, CommandError> {
    let nango = args.nango.secret()?;
    let github = GitHubSetup::from_args(&args.github)?;
    let engine = EngineSetup::from_args(&args.engine, &args.state, usize::from(args.builds))?;
    Ok(Setup {
        state: &args.state,
        nango,
        nango_hostport: &args.nango.nango_hostport,
        agent: &args.agent,
        github: Some(github),
        engine,
        progress: &|words| tracing::info!("{words}"),
    })
}

/// Keeps those from working on the same database who cannot do so beside us.
async fn lock(app: &App, company: Company) -> Result<DatabaseLock, CommandError> {
    let patience = Duration::from_secs(limits::ALONE_SECONDS);
    let locked = app.deps.store.lock(company, patience).await;
    locked.map_err(|error| match error {
        StoreError::Taken | StoreError::Lock { .. } => CommandError::Usage(error.to_string()),
        other => CommandError::fault(other),
    })
}

/// Ends this process when somebody else works on its database who may not.
pub(super) async fn end_when_lost(mut lock: DatabaseLock, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = lock.lost() => {
            tracing::error!("another process works on this database now; this one ends");
            stop.cancel();
        }
    }
}

/// Writes the log to standard error.
pub(super) fn log(args: &WorkArgs) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hyper=warn,temporalio=warn"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second subscriber in one process is only possible in tests, where the first one does.
    let _ = if args.log_json {
        subscriber.json().try_init()
    } else {
        subscriber.try_init()
    };
}
