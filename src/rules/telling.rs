//! When people are told of what happened in a run.

use crate::domain::event::{Event, Logged};
use crate::domain::limits;

/// When people are to be told of these events, of a run that was asked for at `requested_ms`; milliseconds since the epoch.
/// Never, when there are none.
pub fn due_ms(news: &[Logged], requested_ms: i64) -> Option<i64> {
    let due =
        |logged: &Logged| logged.at_ms + patience_ms(&logged.event, logged.at_ms - requested_ms);
    news.iter().map(due).min()
}

/// How long a report of `event` may wait for others to join it, in milliseconds, in a run that was asked for `age_ms` ago.
fn patience_ms(event: &Event, age_ms: i64) -> i64 {
    match event {
        Event::PackagesChosen { .. }
        | Event::WallsTried { .. }
        | Event::AttemptStarted { .. }
        | Event::Doing { .. }
        | Event::Sealed { .. }
        | Event::AttemptFailed { .. }
        | Event::AttemptLeft { .. }
        | Event::Judged { .. }
        | Event::GivenUp { .. }
        | Event::CalledOff { .. }
        | Event::BaseVerified { .. }
        | Event::Verified { .. }
        | Event::WholeGood { .. }
        | Event::ProjectEmptied { .. }
        | Event::ProjectFailed { .. } => progress_pause_ms(age_ms),
        Event::Requested { .. }
        | Event::Planned { .. }
        | Event::Settled { .. }
        | Event::Ended { .. } => 0,
    }
}

/// How long mere progress may wait: the longer a run takes, the less does a minute tell of it.
fn progress_pause_ms(age_ms: i64) -> i64 {
    let pause = age_ms / limits::REPORT_PAUSES_IN_AGE;
    pause.clamp(limits::REPORT_COALESCE_MS, limits::REPORT_PAUSE_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ending::Ending;

    fn at(at_ms: i64, event: Event) -> Logged {
        Logged {
            seq: 1,
            at_ms,
            event,
        }
    }

    #[test]
    fn progress_is_told_together_and_results_at_once() {
        let doing = |at_ms| {
            let event = Event::AttemptLeft {
                interaction: "slack/users".parse().expect("a key"),
                attempt: 1,
            };
            at(at_ms, event)
        };
        let ended = |at_ms| {
            let ending = Ending::Finished;
            at(at_ms, Event::Ended { ending })
        };
        let asked_ms = 1_000_000;
        assert_eq!(due_ms(&[], asked_ms), None);
        // The first of them waits as long as it may, and takes the others along.
        let some = [doing(asked_ms + 1_000), doing(asked_ms + 9_000)];
        let due = asked_ms + 1_000 + limits::REPORT_COALESCE_MS;
        assert_eq!(due_ms(&some, asked_ms), Some(due));
        let all = [doing(asked_ms + 1_000), ended(asked_ms + 2_000)];
        assert_eq!(due_ms(&all, asked_ms), Some(asked_ms + 2_000));
    }

    /// Progress reports of a run in which something happens all the time.
    fn reports(run_ms: i64) -> usize {
        let mut age_ms = 0;
        std::iter::from_fn(|| {
            age_ms += progress_pause_ms(age_ms);
            (age_ms < run_ms).then_some(())
        })
        .count()
    }

    #[test]
    fn a_long_run_is_told_of_less_often_than_a_short_one_in_the_same_time() {
        assert_eq!(progress_pause_ms(0), 10_000);
        // A clock that was turned back is no reason for haste.
        assert_eq!(progress_pause_ms(-5_000), 10_000);
        assert_eq!(progress_pause_ms(10 * 60_000), 150_000);
        assert_eq!(progress_pause_ms(24 * 60 * 60_000), 300_000);
        let minutes = [1, 15, 60].map(|minutes| reports(minutes * 60_000));
        assert_eq!(minutes, [5, 17, 27]);
    }
}
