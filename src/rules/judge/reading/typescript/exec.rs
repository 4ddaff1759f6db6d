//! The bodies of `exec` and `onWebhook`: what the function does at all.

use oxc_ast::AstKind;
use oxc_ast::ast::Expression;
use oxc_span::{GetSpan, Span};

use super::bindings::Binding;
use super::facts::{Body, Root};
use super::tree::{Tree, is_in};
use super::{options, path};

/// Calls that do nothing by themselves.
const IDLE: &[&str] = &["parse", "safeParse", "log", "stringify"];

/// Where the function under this name stands, and what it does: `exec`, `onWebhook`.
pub fn of(tree: &Tree<'_>, name: &str) -> Option<(u32, Body)> {
    let given = options::property(options::of(tree)?, name)?;
    let span = function(tree, given)?;
    Some((tree.line(span), body(tree, span)))
}

/// The body of a function, or of the one that a name stands for.
fn function<'a>(tree: &Tree<'a>, exec: &'a Expression<'a>) -> Option<Span> {
    if let Expression::Identifier(name) = exec.get_inner_expression()
        && let Some(Binding::Function(id)) = tree.bindings.get(&tree.symbol(name)?)
    {
        return Some(tree.semantic.nodes().kind(*id).span());
    }
    match options::resolved(tree, exec)? {
        Expression::ArrowFunctionExpression(function) => Some(function.body.span()),
        Expression::FunctionExpression(function) => function.body.as_ref().map(|body| body.span),
        _ => None,
    }
}

fn body(tree: &Tree<'_>, span: Span) -> Body {
    let (mut throws, mut returns, mut uses_input) = (false, false, false);
    for node in tree.semantic.nodes().iter() {
        let kind = node.kind();
        if !is_in(kind.span(), span) || !tree.step() {
            continue;
        }
        match kind {
            AstKind::CallExpression(call) => {
                let path = path::of(tree, &call.callee);
                let name = path.and_then(|path| path.names.last().cloned());
                if !name.is_some_and(|name| IDLE.contains(&name.as_str())) {
                    return Body::Works;
                }
            }
            AstKind::IdentifierReference(name) => {
                let given = tree
                    .symbol(name)
                    .and_then(|symbol| tree.bindings.get(&symbol));
                uses_input |= matches!(given, Some(Binding::Given(Root::Input, _)));
            }
            AstKind::ThrowStatement(_) => throws = true,
            AstKind::ReturnStatement(_) | AstKind::ObjectExpression(_) => returns = true,
            _ => {}
        }
    }
    match (throws, returns) {
        (true, false) => Body::OnlyThrows,
        (_, true) if uses_input => Body::Works,
        (_, true) => Body::OnlyReturns,
        (false, false) => Body::Empty,
    }
}
