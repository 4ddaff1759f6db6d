//! Cleaning up after a run: its workspaces go, the evidence stays.

use crate::domain::name::RunId;

use crate::os::files;
use crate::run::blocking::blocking;
use crate::run::machine::Machine;

/// Removes the run's folder. What cannot be removed is left to the operator: no run fails for it.
pub async fn run_folder(machine: &Machine, run: &RunId) {
    let folder = machine.runs.join(run.as_str());
    let removed = blocking(move || files::remove_all(&folder)).await;
    if let Ok(Err(error)) = removed {
        tracing::warn!(%error, %run, "the workspaces of a run could not be removed");
    }
}
