//! Who is told what is to be done, and sees to it that it is done. The database is the truth: an engine is told ids, after
//! they were written down, and may forget or hear twice whatever it is told.

mod in_process;
mod turns;

use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

pub use in_process::InProcess;
pub use turns::{Turn, Turns};

/// Brings work and hands together.
#[async_trait]
pub trait Engine: Send + Sync {
    /// A delivery was stored.
    fn deliver(&self, delivery: &str);
    /// Something is to be done at a place: a run was begun there, or is to stop.
    fn look(&self, place: &str);
    /// Waits until a build of that repository may begin. Where many want to, repositories take turns; of suspects there is one
    /// at a time in a process, whosever they are.
    async fn turn(&self, repository: &str, repute: Repute) -> Turn;
    /// Has `hands` do what it is told, and what was left when it begins, until `stop`; then waits until what is under way
    /// was put down.
    async fn work(&self, hands: std::sync::Arc<dyn Hands>, stop: CancellationToken);
}

/// What is known of a build that is to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// What the database says is left to do; nothing while it does not answer.
    async fn left(&self) -> Left;
}

/// How far hands came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
