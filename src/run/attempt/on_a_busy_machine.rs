//! Stories of an attempt's time on a machine that has no core for it, with an agent of a few lines.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::budget::Budget;
use super::work::{Desk, WitnessSigns};
use crate::domain::activity::Activity;
use crate::domain::dossier::{Ended, Guard};
use crate::domain::limits;
use crate::domain::spec::BuildLimits;
use crate::domain::transcript::{Transcript, Usage};
use crate::edge::agent::{Agent, AgentError, Session, SessionSpec, Sign};
use crate::os::own_clock::OwnClock;
use crate::os::own_time::Share;

const MINUTE: u64 = 60;

/// Gives a sign of life every so many seconds, so many times, and is done; or never again says anything.
#[derive(Clone, Copy)]
struct Slow {
    every: u64,
    signs: usize,
    then: Then,
}

#[derive(Clone, Copy)]
enum Then {
    Done,
    Silence,
}

#[async_trait]
impl Agent for Slow {
    fn name(&self) -> String {
        "slow".into()
    }

    async fn ready(&self) -> Result<Guard, AgentError> {
        Ok(Guard::Up)
    }

    async fn open(&self, _: SessionSpec) -> Result<Box<dyn Session>, AgentError> {
        Ok(Box::new(*self))
    }

    async fn stop(&self) {}
}

#[async_trait]
impl Session for Slow {
    async fn say(&mut self, _: &str) -> Result<(), AgentError> {
        Ok(())
    }

    async fn next(&mut self) -> Result<Sign, AgentError> {
        if self.signs == 0 {
            return match self.then {
                Then::Done => Ok(Sign::Idle),
                Then::Silence => std::future::pending().await,
            };
        }
        sleep(Duration::from_secs(self.every)).await;
        self.signs -= 1;
        Ok(Sign::Doing {
            activity: Activity::Thinking,
            usage: Usage::default(),
        })
    }

    async fn transcript(&self) -> Result<Transcript, AgentError> {
        Ok(Transcript::default())
    }

    async fn abort(&mut self) -> Result<(), AgentError> {
        Ok(())
    }

    async fn close(self: Box<Self>) {}
}

/// How an attempt of five minutes ends, and after how many seconds.
async fn worked(agent: Slow, clock: OwnClock) -> (Ended, u64) {
    let of_build = BuildLimits {
        minutes: 5,
        usd: 1.0,
        tokens: 1_000,
    };
    let budget = Budget::new(of_build, clock, CancellationToken::new());
    let signs = WitnessSigns {
        refused: watch::channel(None).1,
        full: watch::channel(false).1,
    };
    let seat = SessionSpec {
        general: String::new(),
        directory: "/".into(),
        title: "a story".into(),
        model: None,
        docs_hosts: Vec::new(),
    };
    let began = Instant::now();
    let desk = Desk::open(&agent, seat, &budget, signs).await;
    let mut desk = desk.unwrap_or_else(|fault| panic!("{fault}"));
    let worked = desk.work("Go on.", |_, _| {}).await;
    let worked = worked.unwrap_or_else(|fault| panic!("{fault}"));
    (worked.ended, began.elapsed().as_secs())
}

/// Of every second it gives three quarters to others.
fn busy() -> OwnClock {
    OwnClock::new(limits::OWN_TIME_SLOWEST, || Share {
        ran: Duration::from_secs(100),
        waited: Duration::from_secs(300),
    })
}

/// It gives everything to others.
fn starved() -> OwnClock {
    OwnClock::new(limits::OWN_TIME_SLOWEST, || Share {
        ran: Duration::ZERO,
        waited: Duration::from_secs(100),
    })
}

fn limit(ended: &Ended) -> &str {
    match ended {
        Ended::Limit { which } => which,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn who_only_waited_for_a_core_is_not_ended() {
    // Four minutes of its own time become sixteen, with silences of eight.
    let honest = Slow {
        every: 8 * MINUTE,
        signs: 2,
        then: Then::Done,
    };
    let (ended, took) = worked(honest, busy()).await;
    assert_eq!((ended, took), (Ended::Finished, 16 * MINUTE));
    let (ended, took) = worked(honest, OwnClock::plain()).await;
    assert!(limit(&ended).contains("without a sign"), "{ended:?}");
    assert_eq!(took, limits::STALL_SECONDS);
}

#[tokio::test(start_paused = true)]
async fn who_is_stuck_is_ended_on_every_machine() {
    let dead = Slow {
        every: 1,
        signs: 1,
        then: Then::Silence,
    };
    let endless = Slow {
        every: MINUTE,
        signs: usize::MAX,
        then: Then::Silence,
    };
    for (clock, times) in [
        (OwnClock::plain as fn() -> OwnClock, 1),
        (busy, 4),
        (starved, u64::from(limits::OWN_TIME_SLOWEST)),
    ] {
        let (ended, took) = worked(dead, clock()).await;
        assert!(limit(&ended).contains("without a sign"), "{ended:?}");
        let due = limits::STALL_SECONDS * times;
        assert!((due..due + 10).contains(&took), "{took} for {due}");
        let (ended, took) = worked(endless, clock()).await;
        assert_eq!(limit(&ended), "5 minutes of its own time");
        let due = 5 * MINUTE * times;
        assert!((due..due + 10).contains(&took), "{took} for {due}");
    }
}
