//! On which queues work is asked for, for how long, and how often.

use std::time::Duration;

use temporalio_common::{ActivityCloseTimeouts, RetryPolicy};

use crate::edge::engine::Repute;

/// Where runs, reports and deliveries are asked for.
pub const QUEUE: &str = "countersign";

/// How long a piece of work may take in all: a run that waits for GitHub, and its time besides.
pub const LONGEST: Duration = Duration::from_secs(48 * 60 * 60);

/// Where builds are asked for.
pub fn queue(repute: Repute) -> &'static str {
    match repute {
        Repute::Good => "countersign-builds",
        Repute::Suspect => "countersign-suspects",
    }
}

/// The time that something may take.
pub fn within() -> ActivityCloseTimeouts {
    ActivityCloseTimeouts::StartToClose(LONGEST)
}

/// As often as it takes: how often something may fail is counted in the database.
pub fn again() -> RetryPolicy {
    RetryPolicy::builder()
        .initial_interval(Duration::from_secs(1))
        .maximum_interval(Duration::from_secs(10))
        .build()
}
