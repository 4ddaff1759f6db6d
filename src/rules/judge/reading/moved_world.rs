//! The world between the agent's run and ours: a thing that the agent created, deleted or reacted to is not as it was, so
//! the same request may be refused the second time. That says nothing about the function.

use serde_json::Value;

use crate::domain::dossier::Dossier;
use crate::domain::tape::{Exchange, Phase};

/// One request, answered well to the agent and refused to us.
#[derive(Debug, Clone, Copy)]
pub struct RefusedAgain<'a> {
    /// The agent's.
    pub theirs: &'a Exchange,
    /// Ours.
    pub ours: &'a Exchange,
}

/// The last request of the clean room that was refused, when the same had been granted to the agent.
pub fn refused_again(dossier: &Dossier) -> Option<RefusedAgain<'_>> {
    let ours = dossier
        .tape
        .of(Phase::CleanRoom)
        .filter(|exchange| exchange.asked_provider())
        .last()
        .filter(|exchange| is_refusal(exchange) || is_locked_out(dossier, exchange))?;
    let theirs = dossier
        .tape
        .of(Phase::Agent)
        .filter(|theirs| theirs.asked_provider() && !is_refusal(theirs))
        .find(|theirs| theirs.asks_like(ours))?;
    Some(RefusedAgain { theirs, ours })
}

/// Access that is gone, where the agent's run of the function is what takes it back.
fn is_locked_out(dossier: &Dossier, exchange: &Exchange) -> bool {
    let takes_it = dossier
        .seal
        .spec
        .event
        .is_some_and(|event| !event.spares_the_connection());
    takes_it && matches!(exchange.status, 401 | 403)
}

/// An error by its status, or by its words as Slack has it: `{"ok": false}` with a status of 200.
fn is_refusal(exchange: &Exchange) -> bool {
    let says_no = || {
        let text = exchange.response.text.as_deref().unwrap_or_default();
        serde_json::from_str::<Value>(text).is_ok_and(|answer| answer["ok"] == Value::Bool(false))
    };
    // A missing permission and a fault of the API's own are not made by the agent's run.
    match exchange.status {
        400 | 404 | 405 | 406 | 409 | 410 | 412 | 422 | 423 | 428 => true,
        200..=299 => says_no(),
        _ => false,
    }
}
