//! What a good verdict does not vouch for, as a sentence.

use crate::domain::row::{Row, State};
use crate::domain::unproven::Unproven;
use crate::domain::view::View;

/// Rows that something was left open of, each with the sentence.
pub fn all(view: &View) -> impl Iterator<Item = (&Row, String)> {
    view.rows
        .iter()
        .filter_map(|row| Some((row, sentence(row)?)))
}

/// What was not proven of a function that is countersigned, carried or needs a look; nothing when all of it was.
pub fn sentence(row: &Row) -> Option<String> {
    let open = match &row.state {
        State::Judged { judgement } => judgement.unproven.to_vec(),
        State::Carried { .. } => row.spec.as_ref().map(Unproven::of).unwrap_or_default(),
        State::Waiting
        | State::Stopped
        | State::Working { .. }
        | State::Edited { .. }
        | State::Adopted
        | State::TakenBack
        | State::Skipped { .. }
        | State::CalledOff { .. }
        | State::Restored
        | State::Removed
        | State::GivenUp { .. } => Vec::new(),
    };
    let said: Vec<String> = open.iter().map(words).collect();
    (!said.is_empty()).then(|| format!("Not proven: {}.", said.join("; ")))
}

fn words(open: &Unproven) -> String {
    match open {
        Unproven::EventNotMade { event } => format!(
            "that Nango runs it at {} (no event was made: an action of ours called it, and metadata was taken down and not \
             written)",
            event.name()
        ),
        Unproven::WrittenOnce => {
            "that it does its work a second time (what it writes was sent once, by its agent; our run had those answers from the tape)"
                .into()
        }
        Unproven::NoTest => {
            "that it stays as it is (Nango's CLI makes no test for on-event functions, so none was committed)".into()
        }
        Unproven::WebhookNotTried => {
            "that `onWebhook` works (the CLI has no dry run for it, and the spec gives no `sample` payload)".into()
        }
        Unproven::WebhookOnlySampled => {
            "that webhooks arrive as the spec's `sample` has them (the CLI has no dry run for `onWebhook`; we called it with that payload)"
                .into()
        }
    }
}
