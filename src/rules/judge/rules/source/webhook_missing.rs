//! **Webhooks**: the spec asks that the sync takes webhooks, and it does not.
//!
//! Sees a sync without `onWebhook`, one whose `onWebhook` does nothing (logs, throws, is empty), and one that does not name the
//! types that the spec names, for which Nango then calls nothing. What looks alike: a sync that takes all types by `*`, one
//! whose handler stands in a module, and one of which no webhooks are asked. The dry run does not call `onWebhook`, so nothing else shows that it is missing.
//! Confidence: *proven* by the source.

use super::finding::at;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::typescript::facts::{
    Body, Source, Subscriptions, WebhookHandler,
};

pub(super) fn find(dossier: &Dossier, source: &Source) -> Vec<Finding> {
    let Some(wanted) = &dossier.seal.spec.webhook else {
        return Vec::new();
    };
    let found = |severity, line, sentence: String| {
        at(
            "webhook-missing",
            severity,
            Confidence::Proven,
            line,
            sentence,
        )
    };
    let line = source.exec.map_or(1, |(line, _)| line);
    let mut findings = Vec::new();
    let idle = match source.webhook.handler {
        WebhookHandler::Missing => Some((
            line,
            "The spec asks for webhooks, and the sync has no `onWebhook`.",
        )),
        WebhookHandler::Here(line, Body::Empty) => {
            Some((line, "`onWebhook` does nothing with a webhook."))
        }
        WebhookHandler::Here(line, Body::OnlyThrows) => {
            Some((line, "`onWebhook` does nothing but throw an error."))
        }
        WebhookHandler::Here(line, Body::OnlyReturns) => {
            Some((line, "`onWebhook` calls nothing: no record changes."))
        }
        WebhookHandler::Here(_, Body::Works) | WebhookHandler::Elsewhere => None,
    };
    let idle = idle.map(|(line, sentence)| found(Severity::Block, line, sentence.into()));
    findings.extend(idle);
    let listed = match &source.webhook.subscriptions {
        Subscriptions::None => &[][..],
        Subscriptions::Listed(listed) => listed,
        Subscriptions::Computed => {
            let sentence = "For which webhooks the sync is called is not written out.";
            findings.push(found(Severity::Warn, line, sentence.into()));
            return findings;
        }
    };
    let is_listed = |name: &String| listed.iter().any(|own| own == name || own == "*");
    let missing: Vec<String> = wanted
        .subscriptions
        .iter()
        .filter(|name| !is_listed(name))
        .map(|name| quote::line(name))
        .collect();
    if !missing.is_empty() {
        let sentence = format!(
            "`webhookSubscriptions` does not name {}, so Nango never calls `onWebhook` for it.",
            missing.join(", ")
        );
        findings.push(found(Severity::Block, line, sentence));
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::domain::sync_webhook::SyncWebhook;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    fn found(options: &str, asked: bool) -> (Verdict, usize) {
        let mut sample = sample::sync();
        sample.seal.spec.webhook = asked.then(|| SyncWebhook {
            subscriptions: vec!["user_change".into()],
            sample: None,
        });
        sample.function(&format!(
            "import {{ createSync }} from 'nango';\nimport {{ z }} from 'zod';\nimport {{ handle }} from '../helpers/webhooks.js';\n\
             export default createSync({{ models: {{ A: z.object({{ id: z.string() }}) }}, {options}\n exec: async (nango) => {{\n\
             const r = await nango.get({{ retries: 3, endpoint: '/x' }}); await nango.batchSave(r.data, 'A');\n}} }});"
        ));
        let judgement = judge(&sample.build());
        let ours = names_of(&judgement)
            .into_iter()
            .filter(|name| *name == "webhook-missing");
        (judgement.verdict, ours.count())
    }

    const HANDLES: &str = "onWebhook: async (nango, payload) => { await nango.batchSave([{ id: payload.user.id }], 'A'); },";

    #[test]
    fn a_handler_that_is_not_there_or_does_nothing_is_refused() {
        for handler in [
            "",
            "onWebhook: async () => {},",
            "onWebhook: async (nango, payload) => { await nango.log(payload.type); },",
            "onWebhook: async () => { throw new Error('later'); },",
            "onWebhook: async () => ({ ok: true }),",
        ] {
            let options = format!("webhookSubscriptions: ['user_change'], {handler}");
            assert_eq!(found(&options, true), (Verdict::Refused, 1), "{handler}");
        }
    }

    #[test]
    fn one_that_is_never_called_is_refused() {
        for types in [
            "",
            "webhookSubscriptions: [],",
            "webhookSubscriptions: ['team_join'],",
        ] {
            assert_eq!(
                found(&format!("{types} {HANDLES}"), true),
                (Verdict::Refused, 1),
                "{types}"
            );
        }
    }

    #[test]
    fn one_that_works_and_a_sync_of_which_none_is_asked_are_innocent() {
        for types in ["['user_change']", "['team_join', 'user_change']", "['*']"] {
            let options = format!("webhookSubscriptions: {types}, {HANDLES}");
            assert_eq!(found(&options, true).1, 0, "{types}");
        }
        let elsewhere = "webhookSubscriptions: ['*'], onWebhook: handle,";
        assert_eq!(found(elsewhere, true).1, 0);
        assert_eq!(found("", false).1, 0);
    }
}
