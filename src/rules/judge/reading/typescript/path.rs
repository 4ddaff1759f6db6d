//! Where an expression leads: through aliases, parts of objects and names that are put together.

use oxc_ast::AstKind;
use oxc_ast::ast::{ChainElement, Expression, IdentifierReference};
use oxc_semantic::NodeId;
use oxc_span::GetSpan;

use super::bindings::Binding;
use super::constant;
use super::facts::{Path, Root};
use super::tree::Tree;
use crate::domain::limits;

/// The path of an expression that is a name, a member, or a call of one.
pub fn of(tree: &Tree<'_>, expression: &Expression<'_>) -> Option<Path> {
    let mut at = expression;
    // From the last name to the first.
    let mut names: Vec<String> = Vec::new();
    for _ in 0..limits::SOURCE_ALIASES {
        let mut base = at;
        let name = loop {
            if !tree.step() {
                return None;
            }
            base = match base.get_inner_expression() {
                Expression::Identifier(name) => break name,
                Expression::StaticMemberExpression(member) => {
                    names.push(member.property.name.to_string());
                    &member.object
                }
                Expression::ComputedMemberExpression(member) => {
                    names.push(key(tree, &member.expression));
                    &member.object
                }
                Expression::CallExpression(call) => {
                    names.push("()".into());
                    &call.callee
                }
                Expression::AwaitExpression(wait) => &wait.argument,
                Expression::SequenceExpression(several) => several.expressions.last()?,
                Expression::ChainExpression(chain) => match &chain.expression {
                    ChainElement::CallExpression(call) => {
                        names.push("()".into());
                        &call.callee
                    }
                    ChainElement::TSNonNullExpression(inner) => &inner.expression,
                    ChainElement::StaticMemberExpression(member) => {
                        names.push(member.property.name.to_string());
                        &member.object
                    }
                    ChainElement::ComputedMemberExpression(member) => {
                        names.push(key(tree, &member.expression));
                        &member.object
                    }
                    ChainElement::PrivateFieldExpression(member) => &member.object,
                },
                // A value of the source's own, of which something is reached.
                _ if !names.is_empty() => {
                    return Some(ended(Root::Local, vec!["(value)".into()], names));
                }
                _ => return None,
            };
        };
        match tree.symbol(name).map(|symbol| tree.bindings.get(&symbol)) {
            None => return Some(ended(Root::Global, vec![name.name.to_string()], names)),
            Some(Some(Binding::Given(root, way))) => return Some(ended(*root, way.clone(), names)),
            Some(Some(Binding::Value(value, way))) if leads_on(value) => {
                names.extend(way.iter().rev().cloned());
                at = value;
            }
            Some(_) => return Some(ended(Root::Local, vec![name.name.to_string()], names)),
        }
    }
    None
}

/// The path that begins with a name and goes on as far as it is written.
pub fn from(tree: &Tree<'_>, id: NodeId, name: &IdentifierReference<'_>) -> Path {
    let mut path = start(tree, name);
    let mut inner = name.span;
    for kind in tree.around(id) {
        match kind {
            AstKind::StaticMemberExpression(member) if member.object.span() == inner => {
                path.names.push(member.property.name.to_string());
            }
            AstKind::ComputedMemberExpression(member) if member.object.span() == inner => {
                path.names.push(key(tree, &member.expression));
            }
            AstKind::CallExpression(call) if call.callee.span() == inner => {
                path.names.push("()".into());
            }
            AstKind::NewExpression(new) if new.callee.span() == inner => {
                path.names.push("()".into());
            }
            AstKind::ChainExpression(_)
            | AstKind::AwaitExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSAsExpression(_) => {}
            _ => break,
        }
        inner = kind.span();
    }
    path
}

fn start(tree: &Tree<'_>, name: &IdentifierReference<'_>) -> Path {
    let local = || ended(Root::Local, vec![name.name.to_string()], Vec::new());
    match tree.symbol(name).map(|symbol| tree.bindings.get(&symbol)) {
        None => ended(Root::Global, vec![name.name.to_string()], Vec::new()),
        Some(Some(Binding::Given(root, way))) => ended(*root, way.clone(), Vec::new()),
        Some(Some(Binding::Value(value, way))) if leads_on(value) => match of(tree, value) {
            Some(mut path) => {
                path.names.extend(way.iter().cloned());
                path
            }
            None => local(),
        },
        Some(_) => local(),
    }
}

/// Whether a value is itself the way to another. What a call gives is something new, but for the SDK's own objects.
fn leads_on(value: &Expression<'_>) -> bool {
    matches!(
        value.get_inner_expression(),
        Expression::Identifier(_)
            | Expression::StaticMemberExpression(_)
            | Expression::ComputedMemberExpression(_)
            | Expression::ChainExpression(_)
            | Expression::SequenceExpression(_)
            | Expression::CallExpression(_)
            | Expression::AwaitExpression(_)
    )
}

/// The name of a computed member.
fn key(tree: &Tree<'_>, expression: &Expression<'_>) -> String {
    constant::text(tree, expression).unwrap_or_else(|| "[]".into())
}

fn ended(root: Root, first: Vec<String>, backwards: Vec<String>) -> Path {
    let mut names = first;
    names.extend(backwards.into_iter().rev());
    Path { root, names }
}
