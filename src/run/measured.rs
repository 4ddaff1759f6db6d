//! What an event counts for, for whoever operates the server.

use std::time::Duration;

use crate::domain::ending::Ending;
use crate::domain::event::Event;
use crate::os::meter;

/// Counts it.
pub fn count(event: &Event) {
    match event {
        Event::Judged {
            judgement,
            usage,
            took_ms,
            ..
        } => meter::build_ended(
            judgement.verdict.words(),
            Duration::from_millis(*took_ms),
            usage.usd(),
        ),
        Event::GivenUp { .. } => meter::build_given_up(),
        Event::AttemptFailed { .. } => meter::attempt_failed(),
        Event::Ended { ending } => meter::run_ended(word(ending)),
        _ => {}
    }
}

fn word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Finished => "finished",
        Ending::NothingToDo => "nothing to do",
        Ending::Waiting { .. } => "waiting",
        Ending::Superseded { .. } => "superseded",
        Ending::Cancelled { .. } => "cancelled",
        Ending::Declined { .. } => "declined",
        Ending::Faulted { .. } => "faulted",
    }
}
