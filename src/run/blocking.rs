//! Work that blocks, beside the async work.

use super::fault::Fault;

/// Runs something that blocks (git, files) beside the async work.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Fault::bug(format!("a step panicked: {e}")))
}
