//! What is counted for whoever operates a server, in one place: names, units, buckets. `docs/operate.md` says what each is
//! for. Nothing is kept before [`Meter::install`], and labels name no repository and no interaction.

use std::sync::Arc;
use std::time::Duration;

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

const RUNS_LEFT: &str = "countersign_runs_left";
const DELIVERIES_LEFT: &str = "countersign_deliveries_left";
const RUNS_ENDED: &str = "countersign_runs_ended_total";
const BUILDS: &str = "countersign_builds";
const BUILDS_ENDED: &str = "countersign_builds_ended_total";
const BUILD_SECONDS: &str = "countersign_build_seconds";
const BUILD_WAIT_SECONDS: &str = "countersign_build_wait_seconds";
const BUILD_DOLLARS: &str = "countersign_build_dollars";
const ATTEMPTS_FAILED: &str = "countersign_attempts_failed_total";
const WEBHOOK_SECONDS: &str = "countersign_webhook_seconds";
const GITHUB_BUDGET: &str = "countersign_github_budget_left";

/// Upper bounds of histograms.
const LONG_SECONDS: [f64; 10] = [
    1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0,
];
const SHORT_SECONDS: [f64; 9] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0];
const DOLLARS: [f64; 8] = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// What was counted so far. Cheap to clone.
#[derive(Clone)]
pub struct Meter(Arc<PrometheusHandle>);

impl Meter {
    /// Begins to count in this process.
    ///
    /// # Errors
    /// When something counts already.
    pub fn install() -> Result<Self, BuildError> {
        let full = |name: &str| Matcher::Full(name.to_owned());
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(full(BUILD_SECONDS), &LONG_SECONDS)?
            .set_buckets_for_metric(full(BUILD_WAIT_SECONDS), &LONG_SECONDS)?
            .set_buckets_for_metric(full(BUILD_DOLLARS), &DOLLARS)?
            .set_buckets_for_metric(full(WEBHOOK_SECONDS), &SHORT_SECONDS)?
            .install_recorder()?;
        describe();
        Ok(Self(Arc::new(handle)))
    }

    /// In the format that Prometheus reads.
    pub fn text(&self) -> String {
        self.0.render()
    }

    /// To be called every few seconds, so that what nobody reads does not grow.
    pub fn tidy(&self) {
        self.0.run_upkeep();
    }
}

fn describe() {
    describe_gauge!(RUNS_LEFT, "Runs that are not done");
    describe_gauge!(
        DELIVERIES_LEFT,
        "Webhook deliveries that are not worked off"
    );
    describe_counter!(RUNS_ENDED, "Runs that ended, by how");
    describe_gauge!(BUILDS, "Builds that are at work or wait for their turn");
    describe_counter!(BUILDS_ENDED, "Builds that ended, by verdict");
    describe_histogram!(BUILD_SECONDS, "Wall time of a build, all its attempts");
    describe_histogram!(BUILD_WAIT_SECONDS, "How long a build waited for its turn");
    describe_histogram!(BUILD_DOLLARS, "What the model of a build cost");
    describe_counter!(
        ATTEMPTS_FAILED,
        "Attempts that failed by no fault of the author"
    );
    describe_histogram!(WEBHOOK_SECONDS, "From a webhook to its answer");
    describe_gauge!(
        GITHUB_BUDGET,
        "Requests that GitHub still answers in this hour"
    );
}

/// Runs that are not done, and deliveries that are not worked off.
pub fn left(runs: u32, deliveries: u32) {
    gauge!(RUNS_LEFT).set(f64::from(runs));
    gauge!(DELIVERIES_LEFT).set(f64::from(deliveries));
}

/// A run ended in this way.
pub fn run_ended(how: &'static str) {
    counter!(RUNS_ENDED, "ending" => how).increment(1);
}

/// How many builds of this repute work, and how many wait for their turn.
pub fn builds(repute: &'static str, working: usize, waiting: usize) {
    // Far below where a float leaves numbers out.
    gauge!(BUILDS, "state" => "working", "repute" => repute).set(working as f64);
    gauge!(BUILDS, "state" => "waiting", "repute" => repute).set(waiting as f64);
}

/// A build waited that long for its turn.
pub fn build_waited(waited: Duration) {
    histogram!(BUILD_WAIT_SECONDS).record(waited);
}

/// A build ended so, after that time, for that much.
pub fn build_ended(how: &'static str, took: Duration, dollars: f64) {
    counter!(BUILDS_ENDED, "verdict" => how).increment(1);
    histogram!(BUILD_SECONDS).record(took);
    histogram!(BUILD_DOLLARS).record(dollars);
}

/// A build ended without a verdict.
pub fn build_given_up() {
    counter!(BUILDS_ENDED, "verdict" => "given up").increment(1);
}

/// An attempt failed.
pub fn attempt_failed() {
    counter!(ATTEMPTS_FAILED).increment(1);
}

/// A webhook was answered with that status.
pub fn webhook_answered(status: u16, took: Duration) {
    histogram!(WEBHOOK_SECONDS, "status" => status.to_string()).record(took);
}

/// So many requests are left to an installation in this hour.
pub fn github_budget_left(installation: u64, requests: i64) {
    gauge!(GITHUB_BUDGET, "installation" => installation.to_string()).set(requests as f64);
}
