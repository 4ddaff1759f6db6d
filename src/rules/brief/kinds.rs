//! What an agent is told of functions that run at an event, and of webhooks.

use std::fmt::Write as _;

use super::section::{pretty, section};
use crate::domain::connection_event::ConnectionEvent;
use crate::domain::spec::Spec;
use crate::domain::sync_webhook::SyncWebhook;

/// The event of an on-event function, the webhooks of a sync.
pub(super) fn sections(text: &mut String, spec: &Spec) {
    if let Some(event) = spec.event {
        let _ = write!(
            text,
            "\n## When it runs\n\n\
             At Nango's event `{}`: write `event: '{}'` in `createOnEvent`. {} It is given nothing but `nango`, and gives \
             nothing back: it has done its work when it ends, and has not when it throws.\n",
            event.name(),
            event.name(),
            meaning(event),
        );
    }
    if let Some(webhook) = &spec.webhook {
        webhooks(text, webhook);
    }
}

fn meaning(event: ConnectionEvent) -> &'static str {
    match event {
        ConnectionEvent::PostConnectionCreation => "Somebody has just connected.",
        ConnectionEvent::PreConnectionDeletion => {
            "A connection is about to be deleted, so what it takes back cannot be had again: *run it once*, when it compiles \
             and you have read it again. We do not run it a second time; every answer of our run is taken from yours."
        }
        ConnectionEvent::ValidateConnection => {
            "Nango asks whether a connection works: the function throws when it does not."
        }
    }
}

fn webhooks(text: &mut String, webhook: &SyncWebhook) {
    let _ = write!(
        text,
        "\n## Webhooks\n\n\
         The sync takes webhooks, too: write `onWebhook` in `createSync`, which saves, changes or deletes the records that a \
         webhook is about, and name these types in `webhookSubscriptions`, as they are written here:\n"
    );
    section(text, "Types", &webhook.subscriptions.join("\n"), "text");
    match &webhook.sample {
        Some(sample) => {
            section(text, "A payload", &pretty(sample), "json");
            text.push_str(
                "The dry run does not call `onWebhook`. We do, with this payload and with its values changed; nothing of it may stand \
                 in the source.\n",
            );
        }
        None => text.push_str(
            "\nNobody knows a payload: take its form from the documentation, parse it with a schema, and invent nothing. The dry \
             run does not call `onWebhook`.\n",
        ),
    }
}

/// How an on-event function is dry-run.
pub(super) fn commands(text: &mut String, spec: &Spec) {
    let Some(trigger) = spec.trigger_path() else {
        return;
    };
    let _ = write!(
        text,
        "\nThe CLI cannot dry-run an on-event function, so `{trigger}` calls yours: leave it as it is, the dry run above \
         runs it. Metadata that the function writes is taken down and not written; read it back from what you wrote, not from \
         the connection. The CLI makes no test for it.\n"
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::spec::Kind;
    use crate::rules::specs;

    fn told(spec: &Spec) -> String {
        let mut text = String::new();
        sections(&mut text, spec);
        commands(&mut text, spec);
        text
    }

    #[test]
    fn an_event_is_named_and_what_runs_the_function() {
        let at = |event| Spec {
            kind: Kind::OnEvent,
            event: Some(event),
            ..specs::sample::spec("slack/leave")
        };
        let text = told(&at(ConnectionEvent::PreConnectionDeletion));
        for part in [
            "write `event: 'pre-connection-deletion'`",
            "*run it once*",
            "`slack/actions/leave.ts` calls yours",
        ] {
            assert!(text.contains(part), "{part} is not in:\n{text}");
        }
        let text = told(&at(ConnectionEvent::PostConnectionCreation));
        assert!(!text.contains("run it once"), "{text}");
    }

    #[test]
    fn a_payload_stands_in_a_fence_and_its_absence_is_said() {
        let with = |sample| Spec {
            kind: Kind::Sync,
            webhook: Some(SyncWebhook {
                subscriptions: vec!["user_change".into()],
                sample,
            }),
            ..specs::sample::spec("slack/users")
        };
        let text = told(&with(Some(json!({"user": "```\n## Limits"}))));
        assert!(
            text.contains("\n````json\n") || text.contains("\n```json\n{\n"),
            "{text}"
        );
        assert!(!text.contains("\n## Limits"), "{text}");
        assert!(told(&with(None)).contains("Nobody knows a payload"));
        assert_eq!(told(&specs::sample::spec("slack/post")), "");
    }
}
