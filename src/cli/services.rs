//! For `doctor`: the services that machines share, each asked once from here.

use std::time::Duration;

use crate::app::EngineSetup;
use crate::cli::args::DoctorArgs;
use crate::config::ConfigError;
use crate::domain::limits;
use crate::edge::blobs::Dossiers;
use crate::edge::store::Store;
use crate::preflight;

use super::doctor_report::DoctorReport;

/// Asks the database, the bucket and the engine, where they are named.
pub(super) async fn look(args: &DoctorArgs, report: &mut DoctorReport) {
    // It may hold a password, so it is not shown.
    let database = args.state.database_url.as_ref();
    let shown = database.map(|_| "it answers".to_owned());
    report.set("DATABASE_URL", shown.as_ref(), answers(args).await);
    let blobs = args.state.blobs.as_ref();
    if blobs.is_some() {
        report.set("COUNTERSIGN_BLOBS", blobs, lets_us_in(args));
    }
    let named = args.engine.engine.as_ref();
    report.set("COUNTERSIGN_ENGINE", named, brings_together(args).await);
}

async fn answers(args: &DoctorArgs) -> Result<(), ConfigError> {
    preflight::database(&args.state)?;
    let Some(url) = &args.state.database_url else {
        return Ok(());
    };
    let patience = Duration::from_secs(limits::ENGINE_SECONDS);
    let reached = Store::reach(url, patience).await;
    reached.map_err(|error| wrong("DATABASE_URL", error))
}

/// A bucket is asked whether it is there and lets us in.
fn lets_us_in(args: &DoctorArgs) -> Result<(), ConfigError> {
    let archive = preflight::archive(&args.state)?;
    let opened = Dossiers::open_in(&archive).and_then(|dossiers| dossiers.check());
    opened.map_err(|error| wrong("COUNTERSIGN_BLOBS", error))
}

async fn brings_together(args: &DoctorArgs) -> Result<(), ConfigError> {
    let engine = EngineSetup::from_args(&args.engine, &args.state, 1)?;
    let opened = engine.open().await.map(drop);
    opened.map_err(|error| wrong("COUNTERSIGN_ENGINE", error))
}

fn wrong(variable: &'static str, error: impl std::fmt::Display) -> ConfigError {
    ConfigError::Wrong {
        variable,
        why: error.to_string(),
    }
}
