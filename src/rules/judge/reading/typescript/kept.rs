//! What a module keeps from one run of the function to the next: variables of the module that its functions change.

use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentTarget, Expression, SimpleAssignmentTarget};
use oxc_semantic::{NodeId, SymbolId};
use oxc_span::Span;

use super::facts::Line;
use super::tree::Tree;

/// Methods that change what they are called on.
const CHANGES: &[&str] = &["push", "unshift", "set", "add", "delete", "clear", "splice"];

/// The places at which such a variable is changed, with its name.
pub fn of(tree: &Tree<'_>) -> Vec<Line> {
    let mut found = Vec::new();
    for node in tree.semantic.nodes().iter() {
        let (span, symbol) = match node.kind() {
            AstKind::AssignmentExpression(change) => (change.span, assigned(tree, &change.left)),
            AstKind::UpdateExpression(change) => (change.span, updated(tree, &change.argument)),
            AstKind::CallExpression(call) => (
                call.span,
                match call.callee.get_inner_expression() {
                    Expression::StaticMemberExpression(member)
                        if CHANGES.contains(&member.property.name.as_str()) =>
                    {
                        owner(tree, &member.object)
                    }
                    _ => None,
                },
            ),
            _ => continue,
        };
        if let Some(symbol) = symbol {
            found.extend(kept(tree, node.id(), span, symbol));
        }
    }
    found
}

/// The place, when the variable is the module's and is changed within a function.
fn kept(tree: &Tree<'_>, id: NodeId, span: Span, symbol: SymbolId) -> Option<Line> {
    let scoping = tree.semantic.scoping();
    if scoping.symbol_scope_id(symbol) != scoping.root_scope_id() {
        return None;
    }
    let mut around = tree.around(id);
    around.find(|kind| {
        matches!(
            kind,
            AstKind::Function(_) | AstKind::ArrowFunctionExpression(_)
        )
    })?;
    Some(Line {
        line: tree.line(span),
        text: scoping.symbol_name(symbol).to_owned(),
    })
}

fn assigned(tree: &Tree<'_>, target: &AssignmentTarget<'_>) -> Option<SymbolId> {
    updated(tree, target.as_simple_assignment_target()?)
}

fn updated(tree: &Tree<'_>, target: &SimpleAssignmentTarget<'_>) -> Option<SymbolId> {
    match target {
        SimpleAssignmentTarget::AssignmentTargetIdentifier(name) => tree.symbol(name),
        _ => owner(tree, target.as_member_expression()?.object()),
    }
}

/// The variable at the beginning of `a.b[c]`.
fn owner(tree: &Tree<'_>, of: &Expression<'_>) -> Option<SymbolId> {
    let mut of = of.get_inner_expression();
    while tree.step() {
        match of {
            Expression::Identifier(name) => return tree.symbol(name),
            _ => of = of.as_member_expression()?.object().get_inner_expression(),
        }
    }
    None
}
