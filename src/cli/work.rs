//! `countersign work`, and what `serve` has in common with it.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::OptionFuture;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::app::{App, EngineSetup, GitHubSetup, Setup};
use crate::cli::args::{WorkArgs, WorkerArgs};
use crate::config::ConfigError;
use crate::domain::limits;
use crate::edge::store::{Company, DatabaseLock, StoreError};
use crate::os::meter::Meter;
use crate::os::traces::Traces;
use crate::server::http::serve_operator;
use crate::server::{housekeeping, worker};

use super::error::CommandError;
use super::signals::{KEPT, stop_on_signal};

/// Works on what others have received, until it is told to stop.
pub async fn work(args: WorkerArgs) -> Result<ExitCode, CommandError> {
    let traces = log((&args.work).into())?;
    let setup = setup(&args.work)?;
    if setup.engine.company() == Company::None {
        let words = "`work` does what another process has received: name the Temporal that brings them together with --engine, or use `serve`";
        return Err(CommandError::Usage(words.to_owned()));
    }
    let Working { app, lock } = Working::open(setup).await?;
    let listener = match args.bind {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let stop = stop_on_signal(KEPT);
    tracing::info!(builds = args.work.builds, "working");
    let meter = Meter::install().map_err(CommandError::fault)?;
    let tidying = housekeeping::tidy_meter(meter.clone(), stop.clone());
    let working = worker::work(app.clone(), stop.clone());
    let answering = OptionFuture::from(
        listener.map(|listener| serve_operator(app.clone(), listener, meter, stop.clone())),
    );
    let (answered, (), (), ()) = tokio::join!(
        async {
            let answered = answering.await;
            if answered.as_ref().is_some_and(Result::is_err) {
                stop.cancel();
            }
            answered
        },
        working,
        tidying,
        end_when_lost(lock, &stop)
    );
    app.close().await;
    end(traces).await;
    answered.unwrap_or(Ok(())).map_err(CommandError::fault)?;
    Ok(ExitCode::SUCCESS)
}

/// Listens, and says where.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, CommandError> {
    let listener = TcpListener::bind(address).await;
    let listener =
        listener.map_err(|e| CommandError::Usage(format!("cannot listen on {address}: {e}")))?;
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "listening: health at /healthz and /readyz, metrics at /metrics");
    }
    Ok(listener)
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

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LogForm {
    /// For people.
    Text,
    /// An object a line.
    Json,
}

impl From<&WorkArgs> for LogForm {
    fn from(args: &WorkArgs) -> Self {
        match args.log_json {
            true => Self::Json,
            false => Self::Text,
        }
    }
}

/// Writes the log to standard error, and sends traces to a collector where the environment names one.
pub(super) fn log(form: LogForm) -> Result<Traces, CommandError> {
    let traces = Traces::from_env().map_err(|why| {
        let variable = "OTEL_EXPORTER_OTLP_ENDPOINT";
        CommandError::Usage(ConfigError::Wrong { variable, why }.to_string())
    })?;
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hyper=warn,temporalio=warn"));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match form {
        LogForm::Json => lines.json().boxed(),
        LogForm::Text => lines.boxed(),
    };
    let ours = Targets::new().with_target(env!("CARGO_PKG_NAME"), LevelFilter::INFO);
    let subscriber = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(traces.layer().with_filter(ours));
    // A second subscriber in one process is only possible in tests, where the first one does.
    let _ = subscriber.try_init();
    Ok(traces)
}

/// Sends the last traces.
pub(super) async fn end(traces: Traces) {
    // It blocks for a moment, which nothing waits for any more.
    let _ = tokio::task::spawn_blocking(|| traces.end()).await;
}
