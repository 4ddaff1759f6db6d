//! What a sync does with webhooks: `webhookSubscriptions` and `onWebhook`.

use oxc_ast::ast::{Expression, ObjectExpression, ObjectPropertyKind};

use super::facts::{Subscriptions, WebhookHandler, WebhookHandling};
use super::tree::Tree;
use super::{constant, exec, options};

/// What the first function of a source does with them.
pub fn of(tree: &Tree<'_>) -> WebhookHandling {
    let Some(made) = options::of(tree) else {
        return WebhookHandling::default();
    };
    WebhookHandling {
        handler: handler(tree, made),
        subscriptions: subscriptions(tree, made),
    }
}

fn handler<'a>(tree: &Tree<'a>, made: &'a ObjectExpression<'a>) -> WebhookHandler {
    match exec::of(tree, "onWebhook") {
        Some((line, body)) => WebhookHandler::Here(line, body),
        None if is_open(made) || options::property(made, "onWebhook").is_some() => {
            WebhookHandler::Elsewhere
        }
        None => WebhookHandler::Missing,
    }
}

/// Whether something is spread into it, which may hold anything.
fn is_open(made: &ObjectExpression<'_>) -> bool {
    let mut properties = made.properties.iter();
    properties.any(|property| matches!(property, ObjectPropertyKind::SpreadProperty(_)))
}

fn subscriptions<'a>(tree: &Tree<'a>, made: &'a ObjectExpression<'a>) -> Subscriptions {
    let Some(given) = options::property(made, "webhookSubscriptions") else {
        return match is_open(made) {
            true => Subscriptions::Computed,
            false => Subscriptions::None,
        };
    };
    let Some(Expression::ArrayExpression(list)) = options::resolved(tree, given) else {
        return Subscriptions::Computed;
    };
    let texts = list.elements.iter().map(|element| {
        let text = options::resolved(tree, element.as_expression()?)?;
        constant::text(tree, text)
    });
    texts
        .collect::<Option<Vec<String>>>()
        .map_or(Subscriptions::Computed, Subscriptions::Listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::judge::reading::typescript::facts::Body;
    use crate::rules::judge::reading::typescript::read;

    fn handling(options: &str) -> WebhookHandling {
        let text = format!(
            "import {{ createSync }} from 'nango';\nimport {{ handle, onWebhook, shared }} from '../helpers/webhooks.js';\nconst ALL = ['*'];\nexport default createSync({{ {options} }});"
        );
        read::source(&text).expect("a source").webhook
    }

    #[test]
    fn what_it_is_called_for_is_read() {
        let of = |options: &str| handling(options).subscriptions;
        let listed =
            |names: &[&str]| Subscriptions::Listed(names.iter().map(|n| (*n).to_owned()).collect());
        assert_eq!(of(""), Subscriptions::None);
        assert_eq!(of("webhookSubscriptions: ['a', 'b']"), listed(&["a", "b"]));
        assert_eq!(of("webhookSubscriptions: ALL"), listed(&["*"]));
        assert_eq!(
            of("webhookSubscriptions: [...ALL]"),
            Subscriptions::Computed
        );
    }

    #[test]
    fn what_it_does_then_is_read() {
        use WebhookHandler::{Elsewhere, Missing};
        let of = |options: &str| handling(options).handler;
        assert_eq!(of(""), Missing);
        for options in ["onWebhook: handle", "onWebhook", "...shared"] {
            assert_eq!(of(options), Elsewhere, "{options}");
        }
        for (options, expected) in [
            ("onWebhook: async (nango) => {}", Body::Empty),
            (
                "onWebhook: async (n, p) => { await n.log('x'); }",
                Body::Empty,
            ),
            (
                "onWebhook: async (n, p) => { await n.batchSave([{ id: p.id }], 'A'); }",
                Body::Works,
            ),
            (
                "onWebhook(n, p) { return n.batchSave([p], 'A'); }",
                Body::Works,
            ),
        ] {
            let found = of(options);
            assert!(
                matches!(found, WebhookHandler::Here(_, body) if body == expected),
                "{options}: {found:?}"
            );
        }
    }
}
