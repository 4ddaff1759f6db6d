//! The body of `exec`: what the function does at all.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, Expression, ObjectPropertyKind};
use oxc_span::{GetSpan, Span};

use super::bindings::Binding;
use super::facts::{Body, Root};
use super::path;
use super::tree::{Tree, is_in};

/// Calls that do nothing by themselves.
const IDLE: &[&str] = &["parse", "safeParse", "log", "stringify"];

/// Where `exec` stands, and what it does.
pub fn of(tree: &Tree<'_>) -> Option<(u32, Body)> {
    let mut nodes = tree.semantic.nodes().iter();
    let span = nodes.find_map(|node| match node.kind() {
        AstKind::CallExpression(call) => {
            let path = path::of(tree, &call.callee)?;
            let makes = path.names.last()?;
            let is_nangos = path.root == Root::Import && path.names.first()? == "nango";
            if !is_nangos || !makes.starts_with("create") {
                return None;
            }
            let options = call.arguments.first().and_then(Argument::as_expression)?;
            exec_in(tree, options)
        }
        _ => None,
    })?;
    Some((tree.line(span), body(tree, span)))
}

/// The function that an object of options names `exec`.
fn exec_in(tree: &Tree<'_>, options: &Expression<'_>) -> Option<Span> {
    let object = match resolved(tree, options)? {
        Expression::ObjectExpression(object) => object,
        _ => return None,
    };
    let exec = object
        .properties
        .iter()
        .find_map(|property| match property {
            ObjectPropertyKind::ObjectProperty(property)
                if property.key.is_specific_static_name("exec") =>
            {
                Some(&property.value)
            }
            _ => None,
        })?;
    if let Expression::Identifier(name) = exec.get_inner_expression()
        && let Some(Binding::Function(id)) = tree.bindings.get(&tree.symbol(name)?)
    {
        return Some(tree.semantic.nodes().kind(*id).span());
    }
    match resolved(tree, exec)? {
        Expression::ArrowFunctionExpression(function) => Some(function.body.span()),
        Expression::FunctionExpression(function) => function.body.as_ref().map(|body| body.span),
        _ => None,
    }
}

/// An expression, or what the name that it is stands for.
fn resolved<'a, 't>(
    tree: &'t Tree<'a>,
    expression: &'t Expression<'a>,
) -> Option<&'t Expression<'a>> {
    match expression.get_inner_expression() {
        Expression::Identifier(name) => match tree.bindings.get(&tree.symbol(name)?)? {
            Binding::Value(value, way) if way.is_empty() => Some(value.get_inner_expression()),
            _ => None,
        },
        other => Some(other),
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
