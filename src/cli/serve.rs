//! `countersign serve`.

use std::process::ExitCode;
use std::time::Duration;

use crate::cli::args::ServeArgs;
use crate::os::meter::Meter;
use crate::server::housekeeping;
use crate::server::http as server;
use crate::server::missed::look_for_missed;
use crate::server::worker;

use super::error::CommandError;
use super::signals::{KEPT, stop_on_signal};
use super::work::{Working, end, end_when_lost, listen, log, setup};

/// Receives webhooks and works, until it is told to stop.
pub async fn serve(args: ServeArgs) -> Result<ExitCode, CommandError> {
    let traces = log((&args.work).into())?;
    let secrets = args.work.github.webhook_secrets()?;
    let Working { app, lock } = Working::open(setup(&args.work)?).await?;
    let listener = listen(args.bind).await?;
    let stop = stop_on_signal(KEPT);
    tracing::info!("webhooks at /webhook, pages at /");
    let working = worker::work(app.clone(), stop.clone());
    let pruning = housekeeping::prune(app.deps.clone(), args.keep_evidence, stop.clone());
    let meter = Meter::install().map_err(CommandError::fault)?;
    let tidying = housekeeping::tidy_meter(meter.clone(), stop.clone());
    let serving = server::serve(app.clone(), listener, secrets, meter, stop.clone());
    let every = Duration::from_secs(args.missed_seconds);
    let looking = look_for_missed(app.deps.clone(), every, stop.clone());
    let (served, (), (), (), (), ()) = tokio::join!(
        async {
            let served = serving.await;
            // A server that ended by itself must not leave workers behind that nobody can reach.
            stop.cancel();
            served
        },
        working,
        pruning,
        looking,
        tidying,
        end_when_lost(lock, &stop)
    );
    app.close().await;
    end(traces).await;
    served.map_err(CommandError::fault)?;
    Ok(ExitCode::SUCCESS)
}
