//! The event that a workflow was started by, as a delivery.

use serde_json::{Value, json};

use crate::cli::args::ActionArgs;
use crate::domain::delivery::Delivery;
use crate::domain::name::Digest;
use crate::domain::place::PullRef;
use crate::domain::webhook_event::{PullChange, WebhookEvent};
use crate::edge::github;

use super::error::CommandError;

/// Events of pull requests. `pull_request_target` has the same body as `pull_request`.
const EVENTS: [(&str, &str); 5] = [
    ("pull_request", "pull_request"),
    ("pull_request_target", "pull_request"),
    ("issue_comment", "issue_comment"),
    ("pull_request_review", "pull_request_review"),
    ("pull_request_review_comment", "pull_request_review_comment"),
];
/// A workflow's event names no installation, as those do that are sent to an App. There is one token, so any number will do.
const INSTALLATION: u64 = 1;

/// What an event asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// How the head stands, also where that was found out before.
    Verdict,
    /// That something is done.
    Deed,
}

/// What a workflow was started by.
#[derive(Debug)]
pub(super) enum ActionEvent {
    /// Something at a pull request.
    Pull {
        /// The pull request.
        pull: PullRef,
        /// The event, as if GitHub had sent it to an App.
        delivery: Delivery,
        /// What it is about.
        asks: Asks,
    },
    /// Nothing that is ours to act on.
    Nothing {
        /// Why.
        why: String,
    },
}

impl ActionEvent {
    /// Reads the event's file.
    ///
    /// # Errors
    /// When it cannot be read, or the workflow listens to events that no pull request has.
    pub(super) fn read(args: &ActionArgs) -> Result<Self, CommandError> {
        let path = args.event.display();
        let text = std::fs::read(&args.event)
            .map_err(|e| CommandError::Usage(format!("the event in {path} cannot be read: {e}")))?;
        let run = format!("{}/{}", args.run, args.attempt);
        Self::of(&args.event_name, &run, &text)
            .map_err(|why| CommandError::Usage(format!("the event in {path}: {why}")))
    }

    /// `run` tells this run of the workflow from all others.
    fn of(event: &str, run: &str, text: &[u8]) -> Result<Self, String> {
        let Some((_, event)) = EVENTS.iter().find(|(name, _)| *name == event) else {
            let names = EVENTS.map(|(name, _)| name).join(", ");
            return Err(format!(
                "{event} is no event of a pull request; let the workflow run `on:` {names}"
            ));
        };
        let mut body: Value =
            serde_json::from_slice(text).map_err(|e| format!("it is no JSON: {e}"))?;
        body["installation"] = json!({ "id": INSTALLATION });
        let body = github::kept(body.to_string().as_bytes());
        let (pull, asks) = match github::read(event, body.as_bytes()).map_err(|e| e.to_string())? {
            WebhookEvent::Pull {
                pull,
                change: PullChange::Look(_),
                ..
            } => (pull, Asks::Verdict),
            WebhookEvent::Pull { pull, .. } | WebhookEvent::Comment { pull, .. } => {
                (pull, Asks::Deed)
            }
            WebhookEvent::Ignored { why } => return Ok(Self::Nothing { why }),
            other => return Err(format!("it is not about one pull request: {other:?}")),
        };
        let id = Digest::of(format!("{run}\n{body}").as_bytes());
        let delivery = Delivery {
            id: format!("action-{}", id.short()),
            event: (*event).to_owned(),
            body,
        };
        Ok(Self::Pull {
            pull,
            delivery,
            asks,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENED: &str = r#"{"action":"opened","repository":{"full_name":"acme/shop"},"pull_request":{"number":7},
        "sender":{"login":"ada","id":3,"type":"User"}}"#;

    #[test]
    fn events_of_pull_requests_become_deliveries() {
        for event in ["pull_request", "pull_request_target"] {
            let read = ActionEvent::of(event, "1/1", OPENED.as_bytes()).expect("an event");
            let ActionEvent::Pull {
                pull,
                delivery,
                asks,
            } = read
            else {
                panic!("{read:?}");
            };
            assert_eq!(asks, Asks::Verdict);
            assert_eq!(pull.place(), "acme/shop#7");
            assert_eq!(delivery.event, "pull_request");
        }
    }

    #[test]
    fn another_run_of_a_workflow_is_another_delivery() {
        let id = |run: &str| match ActionEvent::of("pull_request", run, OPENED.as_bytes()) {
            Ok(ActionEvent::Pull { delivery, .. }) => delivery.id,
            other => panic!("{other:?}"),
        };
        assert_eq!(id("1/1"), id("1/1"));
        assert_ne!(id("1/1"), id("1/2"));
    }

    #[test]
    fn what_is_not_ours_is_nothing_and_what_cannot_be_is_an_error() {
        let labeled = OPENED.replace("opened", "labeled");
        let read = ActionEvent::of("pull_request", "1/1", labeled.as_bytes());
        assert!(matches!(read, Ok(ActionEvent::Nothing { .. })), "{read:?}");
        for (event, text, said) in [
            ("push", OPENED, "let the workflow run `on:` pull_request"),
            ("pull_request", "{", "it is no JSON"),
            (
                "pull_request",
                r#"{"action":"opened"}"#,
                "repository.full_name",
            ),
        ] {
            let error = ActionEvent::of(event, "1/1", text.as_bytes()).expect_err("an error");
            assert!(error.contains(said), "{error}");
        }
    }
}
