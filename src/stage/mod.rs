//! Steps that join edges. In the order of the story: [`checkout`], [`survey`], [`prepare`], [`work`], [`gather`],
//! [`settle`].

pub mod begin;
pub mod build;
pub mod callback;
pub mod checkout;
pub mod crowd;
pub mod fault;
pub mod gather;
pub mod leash;
pub mod prepare;
pub mod record;
pub mod run_log;
pub mod settle;
pub mod skills;
pub mod survey;
pub mod tidy;
pub mod work;
pub mod workshop;

use fault::Fault;

/// Runs something that blocks (git, files) beside the async work.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Fault::bug(format!("a step panicked: {e}")))
}
