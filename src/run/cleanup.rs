//! Cleaning up after a run: its workspaces go, the evidence stays.

use crate::domain::name::RunId;

use super::machine::Machine;

/// Removes the run's folder. What cannot be removed is left to the operator: no run fails for it.
pub async fn run_folder(machine: &Machine, run: &RunId) {
    let folder = machine.runs.join(run.as_str());
    match tokio::fs::remove_dir_all(&folder).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, %run, "the workspaces of a run could not be removed");
        }
        _ => {}
    }
}
