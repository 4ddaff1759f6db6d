//! What a sync does with webhooks: `webhookSubscriptions` and `onWebhook`.

use oxc_ast::ast::Expression;

use super::facts::{Subscriptions, WebhookHandling};
use super::tree::Tree;
use super::{constant, exec, options};

/// What the first function of a source does with them.
pub fn of(tree: &Tree<'_>) -> WebhookHandling {
    WebhookHandling {
        handler: exec::of(tree, "onWebhook"),
        subscriptions: subscriptions(tree),
    }
}

fn subscriptions(tree: &Tree<'_>) -> Subscriptions {
    let options = options::of(tree);
    let Some(given) = options.and_then(|made| options::property(made, "webhookSubscriptions"))
    else {
        return Subscriptions::None;
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
            "import {{ createSync }} from 'nango';\nconst ALL = ['*'];\nexport default createSync({{ {options} }});"
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
        let of = |options: &str| handling(options).handler.map(|(_, body)| body);
        assert_eq!(of(""), None);
        assert_eq!(of("onWebhook: async (nango) => {}"), Some(Body::Empty));
        assert_eq!(
            of("onWebhook: async (n, p) => { await n.log('x'); }"),
            Some(Body::Empty)
        );
        assert_eq!(
            of("onWebhook: async (n, p) => { await n.batchSave([{ id: p.id }], 'A'); }"),
            Some(Body::Works)
        );
        assert_eq!(
            of("onWebhook(n, p) { return n.batchSave([p], 'A'); }"),
            Some(Body::Works)
        );
    }
}
