//! The engine of many machines: Temporal. It is only told ids, of what is in the database already; whoever polls it takes
//! from it what its own hands have room for. What it forgets is told again, so it may be emptied.

mod activities;
mod asking;
mod errand;
mod error;
mod terms;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Url;
use temporalio_client::{Client, ClientOptions, Connection, ConnectionOptions};
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use tokio_util::sync::CancellationToken;

use super::{Build, Engine, Hands, Placed, Repute};
use crate::domain::limits;
use activities::OurActivities;
use asking::Asking;
use errand::Errand;
pub use error::TemporalError;
use terms::{QUEUE, queue};

/// What is waited before an engine that did not answer is asked again.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a workflow's next step waits for the process that knows it, before another takes it. The SDK's own ten seconds
/// let a pull request wait that long for a process that died.
const STICKY: Duration = Duration::from_secs(2);
/// Beats are held back at most so long: they bring the news that work is not wanted any more.
const BEATS_HELD_BACK: Duration = Duration::from_secs(2);

/// How to reach it, and what this process has room for.
#[derive(Debug, Clone)]
pub struct TemporalOptions {
    /// `http://host:port`, or `https`; the path, if there is one, is the namespace.
    pub url: Url,
    /// Builds at once.
    pub builds: usize,
    /// Without a beat for so long, somebody else takes up what a process had in hand.
    pub beat_lost: Duration,
    /// Events in a workflow's history after which it goes on in a new one.
    pub history: u32,
}

/// Has hands on many machines carry things out.
pub struct Temporal {
    asking: Asking,
    options: TemporalOptions,
    runtime: Runtime,
}

impl Temporal {
    /// Connects, and says who we are.
    ///
    /// # Errors
    /// When nothing answers there within [`limits::ENGINE_SECONDS`].
    pub async fn connect(options: TemporalOptions) -> Result<Self, TemporalError> {
        let url = options.url.clone();
        let namespace = match url.path().trim_matches('/') {
            "" => "default",
            namespace => namespace,
        };
        let host = nix::unistd::gethostname().unwrap_or_default();
        let identity = format!("{}:{}", host.to_string_lossy(), std::process::id());
        let runtime = Runtime::from_current_tokio(RuntimeOptions::default())?;
        let mut target = url.clone();
        target.set_path("");
        let patience = Duration::from_secs(limits::ENGINE_SECONDS);
        let to = ConnectionOptions::new(target).identity(identity).build();
        let connection = tokio::time::timeout(patience, Connection::connect(to))
            .await
            .map_err(|_| TemporalError::Silent { url: url.clone() })?
            .map_err(|source| TemporalError::Connect {
                url: url.clone(),
                source: Box::new(source),
            })?;
        let client = Client::new(connection, ClientOptions::new(namespace).build())?;
        let asking = Asking {
            client,
            beat_lost: options.beat_lost,
            history: options.history,
        };
        Ok(Self {
            asking,
            options,
            runtime,
        })
    }

    /// A worker on one queue, with so many slots.
    fn worker(
        &self,
        queue: &str,
        slots: usize,
        hands: &Arc<dyn Hands>,
    ) -> Result<Worker, TemporalError> {
        let cannot = |source: Box<dyn std::error::Error + Send + Sync>| TemporalError::Call {
            what: "have us as a worker",
            source,
        };
        // Several have to be lost before somebody is taken for dead.
        let beat = Duration::from_secs(limits::BEAT_SECONDS).min(self.options.beat_lost / 4);
        let held_back = BEATS_HELD_BACK.min(beat);
        let few = FixedSizeSlotSupplier::new(2);
        let tuner = TunerHolder::builder()
            .workflow_task_slot_supplier(FixedSizeSlotSupplier::new(limits::RUNS_PARALLEL))
            .activity_task_slot_supplier(FixedSizeSlotSupplier::new(slots))
            .local_activity_task_slot_supplier(few)
            .nexus_task_slot_supplier(few)
            .build();
        let options = WorkerOptions::new(queue)
            .tuner(tuner)
            .sticky_queue_schedule_to_start_timeout(STICKY)
            .max_heartbeat_throttle_interval(held_back)
            .default_heartbeat_throttle_interval(held_back)
            .graceful_shutdown_period(Duration::from_secs(limits::CANCEL_SECONDS))
            .register_activities(OurActivities::of(hands.clone(), beat));
        let options = match queue {
            QUEUE => options
                .register_workflow::<Errand>()
                .map_err(|e| cannot(e.into()))?,
            _ => options,
        };
        Worker::new(&self.runtime, self.asking.client.clone(), options.build())
            .map_err(|e| cannot(e.into()))
    }

    fn workers(&self, hands: &Arc<dyn Hands>) -> Result<Vec<Worker>, TemporalError> {
        let runs = limits::RUNS_PARALLEL * 2 + limits::DELIVERIES_PARALLEL;
        Ok(vec![
            self.worker(QUEUE, runs, hands)?,
            self.worker(queue(Repute::Good), self.options.builds, hands)?,
            self.worker(queue(Repute::Suspect), 1, hands)?,
        ])
    }

    /// Tells it again what it may have missed, until `stop`.
    async fn tell_what_is_left(&self, hands: &dyn Hands, stop: &CancellationToken) {
        let mut look = tokio::time::interval(Duration::from_secs(limits::LEFT_SECONDS));
        while stop.run_until_cancelled(look.tick()).await.is_some() {
            let left = hands.left().await;
            for delivery in &left.deliveries {
                heard(self.asking.deliver(delivery).await);
            }
            for place in &left.places {
                heard(self.asking.begin(place).await);
            }
        }
    }
}

#[async_trait]
impl Engine for Temporal {
    fn deliver(&self, delivery: &str) {
        let (asking, delivery) = (self.asking.clone(), delivery.to_owned());
        tokio::spawn(async move { heard(asking.deliver(&delivery).await) });
    }

    fn look(&self, place: &str) {
        let (asking, place) = (self.asking.clone(), place.to_owned());
        tokio::spawn(async move { heard(asking.look(&place).await) });
    }

    async fn build(&self, build: &Build) -> Placed {
        while let Err(error) = self.asking.build(build).await {
            tracing::warn!(%error, run = build.run, interaction = build.interaction, "asking again");
            tokio::time::sleep(PAUSE).await;
        }
        Placed::Elsewhere
    }

    async fn call_back(&self, build: &Build) {
        self.asking.call_back(build).await;
    }

    async fn work(&self, hands: Arc<dyn Hands>, stop: CancellationToken) {
        // What a worker is cannot go from thread to thread; what it has carried out runs on our runtime all the same.
        while !stop.is_cancelled() {
            let workers = match self.workers(&hands) {
                Ok(workers) => workers,
                Err(error) => {
                    tracing::error!(%error, "nothing can be worked on");
                    stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
                    continue;
                }
            };
            let (runtime, ending) = (tokio::runtime::Handle::current(), stop.clone());
            let working =
                tokio::task::spawn_blocking(move || runtime.block_on(run(workers, ending)));
            let telling = self.tell_what_is_left(&*hands, &stop);
            tokio::select! {
                _ = working => {}
                () = async { telling.await; std::future::pending::<()>().await } => {}
            }
            stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
        }
    }
}

/// Runs them until `stop`, or until one cannot go on; then all end.
async fn run(workers: Vec<Worker>, stop: CancellationToken) {
    let ends = stop.child_token();
    let running = workers.into_iter().map(|mut worker| {
        let ends = ends.clone();
        async move {
            let shutdown = worker.shutdown_handle();
            let queue = worker.task_queue().to_owned();
            let told = async {
                ends.cancelled().await;
                shutdown();
                std::future::pending::<()>().await;
            };
            let ran = tokio::select! {
                ran = worker.run() => ran,
                () = told => Ok(()),
            };
            if let Err(error) = ran {
                tracing::error!(%error, queue, "the worker ends; another one begins");
            }
            ends.cancel();
        }
    });
    futures_util::future::join_all(running).await;
}

/// What could not be told stands in the database, and is told again.
fn heard(told: Result<(), TemporalError>) {
    if let Err(error) = told {
        tracing::warn!(%error, "the engine was not told; it is told again later");
    }
}
