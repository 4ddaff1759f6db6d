//! What a source changes that is not its own: built-ins and packages.

use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentTarget, CallExpression, Expression, UnaryOperator};
use oxc_span::Span;

use super::facts::{Path, Root, Use};
use super::path;
use super::tree::Tree;

/// Calls that change their first argument.
const CHANGES: &[(&str, &str)] = &[
    ("Object", "assign"),
    ("Object", "defineProperty"),
    ("Object", "defineProperties"),
    ("Object", "setPrototypeOf"),
    ("Reflect", "set"),
    ("Reflect", "defineProperty"),
    ("Reflect", "deleteProperty"),
];

/// The places, with what is changed.
pub fn of(tree: &Tree<'_>) -> Vec<Use> {
    let found = tree.semantic.nodes().iter();
    let found = found.filter_map(|node| {
        let (span, path): (Span, Path) = match node.kind() {
            AstKind::AssignmentExpression(change) => (change.span, target(tree, &change.left)?),
            AstKind::UnaryExpression(away) if away.operator == UnaryOperator::Delete => {
                let member = away.argument.as_member_expression()?;
                (away.span, path::of(tree, member.object())?)
            }
            AstKind::CallExpression(call) => (call.span, argument(tree, call)?),
            _ => return None,
        };
        let is_foreign = matches!(path.root, Root::Global | Root::Import);
        (is_foreign && !path.names.is_empty()).then(|| Use {
            line: tree.line(span),
            path,
        })
    });
    found.collect()
}

/// Whose member is assigned.
fn target(tree: &Tree<'_>, target: &AssignmentTarget<'_>) -> Option<Path> {
    let target = target.as_simple_assignment_target()?;
    path::of(tree, target.as_member_expression()?.object())
}

fn argument(tree: &Tree<'_>, call: &CallExpression<'_>) -> Option<Path> {
    let of = path::of(tree, &call.callee)?;
    let is_change = of.root == Root::Global
        && CHANGES
            .iter()
            .any(|(object, method)| of.names == [*object, *method]);
    if !is_change {
        return None;
    }
    let first: &Expression<'_> = call.arguments.first()?.as_expression()?;
    path::of(tree, first)
}
