//! `countersign serve`.

use std::process::ExitCode;

use tokio::net::TcpListener;

use crate::cli::args::ServeArgs;
use crate::os::meter::Meter;
use crate::server::housekeeping;
use crate::server::http as server;
use crate::server::worker;

use super::error::CommandError;
use super::signals::{KEPT, stop_on_signal};
use super::work::{Working, end_when_lost, log, setup};

/// Receives webhooks and works, until it is told to stop.
pub async fn serve(args: ServeArgs) -> Result<ExitCode, CommandError> {
    log(&args.work);
    let secrets = args.work.github.webhook_secrets()?;
    let Working { app, lock } = Working::open(setup(&args.work)?).await?;
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
        end_when_lost(lock, &stop)
    );
    app.close().await;
    served.map_err(CommandError::fault)?;
    Ok(ExitCode::SUCCESS)
}
