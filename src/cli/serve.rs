//! `countersign serve`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::app::{App, GitHubSetup, Setup};
use crate::cli::args::ServeArgs;
use crate::domain::limits;
use crate::edge::store::{Alone, StoreError};
use crate::os::meter::Meter;
use crate::server::housekeeping;
use crate::server::http as server;
use crate::server::worker;

use super::error::CommandError;
use super::signals::{KEPT, stop_on_signal};

/// Receives webhooks and works, until it is told to stop.
pub async fn serve(args: ServeArgs) -> Result<ExitCode, CommandError> {
    log(&args);
    let secrets = args.github.webhook_secrets()?;
    let app = open(&args).await?;
    let mut alone = alone(&app).await?;
    let listener = TcpListener::bind(args.bind)
        .await
        .map_err(|e| CommandError::Usage(format!("cannot listen on {}: {e}", args.bind)))?;
    let stop = stop_on_signal(KEPT);
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "listening: webhooks at /webhook, health at /healthz and /readyz, metrics at /metrics");
    }
    let working = worker::work(app.clone(), stop.clone());
    let pruning = housekeeping::prune(app.deps.clone(), args.keep_evidence, stop.clone());
    let meter = Meter::install().map_err(CommandError::fault)?;
    let tidying = housekeeping::tidy_meter(meter.clone(), stop.clone());
    let serving = server::serve(app.clone(), listener, secrets, meter, stop.clone());
    let watching = async {
        tokio::select! {
            () = stop.cancelled() => {}
            () = alone.lost() => {
                tracing::error!("another process works on this database now; this one ends");
                stop.cancel();
            }
        }
    };
    let (served, (), (), (), ()) = tokio::join!(
        async {
            let served = serving.await;
            // A server that ended by itself must not leave workers behind that nobody can reach.
            stop.cancel();
            served
        },
        working,
        pruning,
        tidying,
        watching
    );
    app.close().await;
    served.map_err(CommandError::fault)?;
    Ok(ExitCode::SUCCESS)
}

async fn open(args: &ServeArgs) -> Result<Arc<App>, CommandError> {
    let app = App::open(Setup {
        state: &args.state,
        nango: args.nango.secret()?,
        nango_hostport: &args.nango.nango_hostport,
        agent: &args.agent,
        github: Some(GitHubSetup::from_args(&args.github)?),
        builds: usize::from(args.builds),
        progress: &|words| tracing::info!("{words}"),
    })
    .await?;
    // Better at start than in the middle of somebody's pull request.
    let walls = app
        .deps
        .machine
        .walls()
        .await
        .map_err(CommandError::fault)?;
    tracing::info!(shell = walls.shell, file_tools = ?walls.file_tools, "walls around agents");
    Ok(Arc::new(app))
}

/// Keeps other processes from working on the same database.
async fn alone(app: &App) -> Result<Alone, CommandError> {
    let patience = Duration::from_secs(limits::ALONE_SECONDS);
    let alone = app.deps.store.alone(patience).await;
    alone.map_err(|error| match error {
        StoreError::Taken | StoreError::Lock { .. } => CommandError::Usage(error.to_string()),
        other => CommandError::fault(other),
    })
}

fn log(args: &ServeArgs) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hyper=warn"));
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
