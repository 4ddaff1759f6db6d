//! Who is told what is to be done, and sees to it that it is done. The database is the truth: an engine is told ids, after
//! they were written down, and may forget or hear twice whatever it is told.

mod in_process;
#[cfg(feature = "temporal")]
mod temporal;
mod turns;

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

pub use in_process::InProcess;
#[cfg(feature = "temporal")]
pub use temporal::{Temporal, TemporalError, TemporalOptions};
pub use turns::{Turn, Turns};

/// Brings work and hands together.
#[async_trait]
pub trait Engine: Send + Sync {
    /// A delivery was stored.
    fn deliver(&self, delivery: &str);
    /// Something is to be done at a place: a run was begun there, or is to stop.
    fn look(&self, place: &str);
    /// Waits until a build may begin here, or was carried out elsewhere. Where many want to, repositories take turns; of
    /// suspects there is one at a time in a process, whosever they are. Whoever stops waiting has not called it back.
    async fn build(&self, build: &Build) -> Placed;
    /// A build is not wanted any more. Returns when it has ended, wherever that is.
    async fn call_back(&self, build: &Build);
    /// Has `hands` do what it is told, and what was left when it begins, until `stop`; then waits until what is under way
    /// was put down.
    async fn work(&self, hands: std::sync::Arc<dyn Hands>, stop: CancellationToken);
}

/// A build that is to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The id of its run.
    pub run: String,
    /// The key of its interaction.
    pub interaction: String,
    /// Whose turn it has to be.
    pub repository: String,
    /// What is known of it.
    pub repute: Repute,
}

/// Where a build is carried out.
#[derive(Debug)]
pub enum Placed {
    /// Here, by whoever asked, who holds the turn until it has ended.
    Here(Turn),
    /// By any machine's hands, and they are through with it: the log says what became of it.
    Elsewhere,
}

/// What is known of a build that is to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repute {
    /// Nothing against it.
    Good,
    /// Processes died in the middle of it: the next death has to be its own, or another's.
    Suspect,
}

/// Our side of it: everything may be asked for twice, and late.
#[async_trait]
pub trait Hands: Send + Sync {
    /// Works a delivery off.
    async fn delivery(&self, delivery: &str) -> Next;
    /// Does what is left to do at a place, run by run; never called for one place while it is at it.
    async fn place(&self, place: &str) -> Next;
    /// Tells people what happened at a place, until nothing happens there any more.
    async fn tell(&self, place: &str) -> Next;
    /// Builds one interaction of a run. `lost` is cancelled when somebody else has it, or nobody wants it any more.
    async fn build(&self, build: &Build, lost: &CancellationToken) -> Next;
    /// What the database says is left to do; nothing while it does not answer.
    async fn left(&self) -> Left;
}

/// How far hands came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Next {
    /// Nothing is left.
    Nothing,
    /// Something is, and cannot be done before that time has gone by.
    After(Duration),
}

/// What is left to do.
#[derive(Debug, Default)]
pub struct Left {
    /// Deliveries.
    pub deliveries: Vec<String>,
    /// Places.
    pub places: Vec<String>,
}
