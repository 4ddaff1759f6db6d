//! What an attempt may use up, and when it is cancelled. Enforced by us, whatever the agent's server thinks. Its time is its own
//! ([`crate::os::own_time`]): what a busy machine lets it wait is not counted.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::domain::activity::Activity;
use crate::domain::limits;
use crate::domain::spec::BuildLimits;
use crate::domain::transcript::Usage;
use crate::os::own_clock::{OwnClock, Point, TimeIsUp};

/// The budget of one attempt. Its time runs from when it was made.
#[derive(Debug, Clone)]
pub struct Budget {
    limits: BuildLimits,
    clock: OwnClock,
    deadline: Point,
    cancel: CancellationToken,
}

impl Budget {
    /// A budget that begins now, on the attempt's clock.
    pub fn new(limits: BuildLimits, clock: OwnClock, cancel: CancellationToken) -> Self {
        let deadline = clock.after(Duration::from_secs(u64::from(limits.minutes) * 60));
        Self {
            limits,
            clock,
            deadline,
            cancel,
        }
    }

    /// Returns when somebody calls the attempt back.
    pub async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    /// Returns when the time is up, with the words for the limit.
    pub async fn time_up(&self) -> String {
        self.clock.reach(self.deadline).await;
        format!("{} minutes of its own time", self.limits.minutes)
    }

    /// Whether there is time for a further round.
    pub fn has_time(&self) -> bool {
        self.deadline > (self.clock).after(Duration::from_secs(limits::MEND_SECONDS))
    }

    /// The longest wait for a sign of life, by what it did last. A command may be silent for as long as it may take.
    pub fn stall(&self, last: Option<&Activity>) -> Duration {
        let command = match last {
            Some(Activity::Tool { .. }) => limits::SHELL_SECONDS,
            _ => 0,
        };
        Duration::from_secs(limits::STALL_SECONDS + command)
    }

    /// What comes of `sign` while it is not taken for dead; see [`Self::stall`].
    pub async fn heard<T>(
        &self,
        patience: Duration,
        sign: impl Future<Output = T>,
    ) -> Result<T, TimeIsUp> {
        self.clock.within(patience, sign).await
    }

    /// The limit that `usage` goes beyond, in words, if it does.
    pub fn overdrawn(&self, usage: &Usage) -> Option<String> {
        if usage.usd() > self.limits.usd {
            return Some(format!("${:.2}", self.limits.usd));
        }
        (usage.tokens() > self.limits.tokens).then(|| format!("{} tokens", self.limits.tokens))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn money_tokens_silence_and_time_each_end_it() {
        let of_build = BuildLimits {
            minutes: 2,
            usd: 0.5,
            tokens: 100,
        };
        let budget = Budget::new(of_build, OwnClock::plain(), CancellationToken::new());
        assert_eq!(
            budget.overdrawn(&Usage {
                input: 100,
                micro_usd: 500_000,
                ..Usage::default()
            }),
            None
        );
        assert_eq!(
            budget
                .overdrawn(&Usage {
                    micro_usd: 500_001,
                    ..Usage::default()
                })
                .as_deref(),
            Some("$0.50")
        );
        assert_eq!(
            budget
                .overdrawn(&Usage {
                    output: 101,
                    ..Usage::default()
                })
                .as_deref(),
            Some("100 tokens")
        );
        let silent = |last: Option<Activity>| budget.stall(last.as_ref()).as_secs();
        let command = Activity::Tool {
            name: "bash".into(),
            about: "nango compile".into(),
        };
        assert_eq!(silent(None), limits::STALL_SECONDS);
        assert_eq!(silent(Some(Activity::Thinking)), limits::STALL_SECONDS);
        assert!(silent(Some(command)) > limits::SHELL_SECONDS);
        let began = tokio::time::Instant::now();
        assert_eq!(budget.time_up().await, "2 minutes of its own time");
        assert_eq!(began.elapsed().as_secs(), 120);
    }
}
