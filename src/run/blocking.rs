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

/// Runs something here that takes the processor for a while (rendering a long report), while other work goes on elsewhere.
pub fn in_place<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        // There is nowhere else.
        _ => work(),
    }
}
