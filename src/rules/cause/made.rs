//! A cause, put together.

use crate::domain::cause::{CauseClass, Reaction, RootCause};
use crate::domain::finding::Confidence;

use super::chain::Chain;
use super::graph::Graph;

/// A cause of this class with its chain; what the agent did about it is filled in for all at the end.
pub(super) fn made(
    graph: &Graph<'_>,
    class: CauseClass,
    target: &str,
    chain: Chain,
    confidence: Confidence,
) -> RootCause {
    RootCause {
        class,
        target: target.to_owned(),
        wanted: None,
        deed: None,
        chain: chain.steps(graph),
        reaction: Reaction::WentOn,
        confidence,
    }
}
