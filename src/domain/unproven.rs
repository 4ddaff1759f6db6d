//! What nobody tried of a function that is countersigned, because nobody can: Nango's CLI has no way to.

use serde::{Deserialize, Serialize};

use super::connection_event::ConnectionEvent;
use super::spec::{Kind, Spec};

/// One thing that a verdict does not vouch for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unproven", rename_all = "kebab-case")]
pub enum Unproven {
    /// No event was made: an action of ours called the function, and its metadata was taken down.
    EventNotMade {
        /// Which.
        event: ConnectionEvent,
    },
    /// What it writes reached the API once, in its agent's run; ours had those answers from the tape.
    WrittenOnce,
    /// The CLI makes no test for it, so none stands in the project.
    NoTest,
    /// The handler of webhooks was not run: there is no sample payload.
    WebhookNotTried,
    /// The handler of webhooks was run on the sample payload, in an experiment of ours.
    WebhookOnlySampled,
}

impl Unproven {
    /// What a good verdict leaves open for a function that was asked for like this.
    pub fn of(spec: &Spec) -> Vec<Unproven> {
        let mut open = Vec::new();
        if let Some(event) = spec.event {
            open.push(Unproven::EventNotMade { event });
            if !event.spares_the_connection() {
                open.push(Unproven::WrittenOnce);
            }
        }
        if spec.kind == Kind::OnEvent {
            open.push(Unproven::NoTest);
        }
        open.extend(spec.webhook.as_ref().map(|webhook| match webhook.sample {
            Some(_) => Unproven::WebhookOnlySampled,
            None => Unproven::WebhookNotTried,
        }));
        open
    }
}
