//! What Temporal asks of this process, handed on to its hands, with beats while that lasts.

#![allow(
    unreachable_pub,
    missing_docs,
    reason = "the macros of the SDK make public items of their own"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use temporalio_macros::activities;
use temporalio_sdk::ApplicationFailure;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio_util::sync::CancellationToken;

use crate::edge::engine::{Build, Hands, Next, Repute};
use crate::os::meter;

/// The hands of this process, as Temporal sees them.
pub struct OurActivities {
    hands: Arc<dyn Hands>,
    /// Time between two beats.
    beat: Duration,
    /// Of one repute: each has a queue of its own.
    building: AtomicUsize,
}

impl OurActivities {
    pub fn of(hands: Arc<dyn Hands>, beat: Duration) -> Self {
        let building = AtomicUsize::new(0);
        Self {
            hands,
            beat,
            building,
        }
    }

    /// Drops the work when somebody else has it: whatever it would write is refused.
    async fn unless_lost(
        &self,
        ctx: &ActivityContext,
        work: impl Future<Output = Next>,
    ) -> Result<Next, ActivityError> {
        tokio::select! {
            next = work => Ok(next),
            () = beat_until_lost(ctx, self.beat) => Err(ActivityError::cancelled()),
        }
    }
}

#[activities]
impl OurActivities {
    #[activity]
    pub async fn delivery(
        self: Arc<Self>,
        ctx: ActivityContext,
        id: String,
    ) -> Result<(), ActivityError> {
        self.unless_lost(&ctx, self.hands.delivery(&id))
            .await
            .and_then(done)
    }

    #[activity]
    pub async fn place(
        self: Arc<Self>,
        ctx: ActivityContext,
        place: String,
    ) -> Result<Next, ActivityError> {
        self.unless_lost(&ctx, self.hands.place(&place)).await
    }

    #[activity]
    pub async fn tell(
        self: Arc<Self>,
        ctx: ActivityContext,
        place: String,
    ) -> Result<Next, ActivityError> {
        self.unless_lost(&ctx, self.hands.tell(&place)).await
    }

    #[activity]
    pub async fn build(
        self: Arc<Self>,
        ctx: ActivityContext,
        build: Build,
    ) -> Result<(), ActivityError> {
        let asked = ctx.info().current_attempt_scheduled_time;
        let waited = asked.and_then(|asked| asked.elapsed().ok());
        meter::build_waited(waited.unwrap_or_default());
        let _building = Building::begin(&self.building, build.repute);
        let lost = CancellationToken::new();
        let mut built = self.hands.build(&build, &lost);
        // It ends its agent first, and is not dropped.
        let next = tokio::select! {
            next = &mut built => next,
            () = beat_until_lost(&ctx, self.beat) => {
                lost.cancel();
                built.await
            }
        };
        done(next)
    }
}

/// One of the builds that are under way here, for whoever operates us.
struct Building<'a> {
    all: &'a AtomicUsize,
    of: &'static str,
}

impl<'a> Building<'a> {
    fn begin(all: &'a AtomicUsize, repute: Repute) -> Self {
        let of = match repute {
            Repute::Good => "good",
            Repute::Suspect => "suspect",
        };
        let now = all.fetch_add(1, Ordering::SeqCst) + 1;
        // Who waits is in the engine, and on no machine.
        meter::builds(of, now, 0);
        Self { all, of }
    }
}

impl Drop for Building<'_> {
    fn drop(&mut self) {
        let before = self.all.fetch_sub(1, Ordering::SeqCst);
        meter::builds(self.of, before.saturating_sub(1), 0);
    }
}

/// Beats until the engine answers that nobody waits for this any more.
async fn beat_until_lost(ctx: &ActivityContext, beat: Duration) {
    let mut beat = tokio::time::interval(beat);
    loop {
        tokio::select! {
            () = ctx.cancelled() => return,
            _ = beat.tick() => {
                if let Err(error) = ctx.record_heartbeat(()).await {
                    tracing::warn!(%error, "a beat was not sent");
                }
            }
        }
    }
}

/// What is not done yet is asked for again, of anybody, after that time.
fn done(next: Next) -> Result<(), ActivityError> {
    match next {
        Next::Nothing => Ok(()),
        Next::After(pause) => Err(ActivityError::application(
            ApplicationFailure::builder("it cannot be done yet")
                .next_retry_delay(pause)
                .build(),
        )),
    }
}
