//! `countersign prune`: takes the evidence of old runs away, or tells what would go.

use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::args::PruneArgs;
use crate::cli::exit_code;
use crate::domain::retention::{Effect, Of, Old};
use crate::edge::blobs::Dossiers;
use crate::edge::store::Store;
use crate::os::clock::{Clock as _, SystemClock};
use crate::preflight;
use crate::run::blocking::blocking;
use crate::run::kept::prune::prune as take;

use super::error::CommandError;

/// Prints what went.
pub async fn prune(args: PruneArgs) -> Result<ExitCode, CommandError> {
    preflight::database(&args.state)?;
    let archive = preflight::archive(&args.state)?;
    let effect = match args.dry_run {
        true => Effect::Show,
        false => Effect::Take,
    };
    let old = Old {
        of: args.pull.map_or(Of::All, Of::Place),
        before_ms: args.older_than.before_ms(SystemClock.now_ms()),
    };
    let store = Store::open(&args.state.database()?, Arc::new(|| SystemClock.now_ms())).await;
    let store = store.map_err(CommandError::fault)?;
    let dossiers = blocking(move || Dossiers::open_in(&archive)).await;
    let dossiers = dossiers.map_err(CommandError::fault)?;
    let dossiers = dossiers.map_err(|e| CommandError::Usage(e.to_string()))?;
    let pruned = take(&store, &dossiers, &old, effect).await;
    store.close().await;
    let pruned = pruned.map_err(CommandError::fault)?;
    match effect {
        Effect::Show => say!("would go: {pruned}"),
        Effect::Take => say!("gone: {pruned}"),
    }
    Ok(ExitCode::from(exit_code::COUNTERSIGNED))
}
