//! Literals that stand in for absent values, and where they go.

use oxc_ast::AstKind;
use oxc_ast::ast::{Expression, LogicalOperator};
use oxc_semantic::NodeId;
use oxc_span::GetSpan;

use super::facts::{Fallback, Goes, Literal, Root};
use super::tree::Tree;
use super::{constant, path, requests};

/// Properties of a request.
const REQUEST: &[&str] = &[
    "params", "data", "headers", "endpoint", "paginate", "baseUrl",
];
/// Methods of the SDK that keep records.
const KEEPS: &[&str] = &["batchSave", "batchUpdate", "batchDelete"];

/// The literal that a node gives in place of an absent value.
pub fn of(tree: &Tree<'_>, id: NodeId, kind: AstKind<'_>) -> Option<Fallback> {
    let (of, instead) = match kind {
        AstKind::LogicalExpression(or) if or.operator != LogicalOperator::And => {
            (&or.left, &or.right)
        }
        AstKind::ConditionalExpression(choice) => (&choice.consequent, &choice.alternate),
        _ => return None,
    };
    let literal = match instead.get_inner_expression() {
        Expression::NumericLiteral(number) => Literal::Number(number.value),
        other => match constant::text(tree, other) {
            Some(text) => Literal::Text(text),
            None => return None,
        },
    };
    // Of two literals neither stands in for anything.
    if constant::text(tree, of).is_some() {
        return None;
    }
    let mut fallback = Fallback {
        line: tree.line(instead.span()),
        of: path::of(tree, of),
        literal,
        goes: Goes::Elsewhere,
    };
    for around in tree.around(id) {
        match around {
            AstKind::ObjectProperty(property) => {
                let name = property.key.static_name().map(|name| name.into_owned());
                if name.as_deref().is_some_and(|name| REQUEST.contains(&name)) {
                    fallback.goes = Goes::Request;
                    break;
                }
                fallback.goes = Goes::Out;
            }
            AstKind::ThrowStatement(_) | AstKind::NewExpression(_) => {
                fallback.goes = Goes::Message;
                break;
            }
            AstKind::CallExpression(call) => {
                let called = path::of(tree, &call.callee).filter(|path| path.root == Root::Nango);
                let name = called.and_then(|path| path.names.last().cloned());
                let name = name.unwrap_or_default();
                if requests::ASKS.contains(&name.as_str()) {
                    fallback.goes = Goes::Request;
                    break;
                }
                if KEEPS.contains(&name.as_str()) {
                    fallback.goes = Goes::Out;
                    break;
                }
                if name == "log" {
                    fallback.goes = Goes::Message;
                    break;
                }
            }
            AstKind::ReturnStatement(_) => {
                fallback.goes = Goes::Out;
                break;
            }
            AstKind::VariableDeclarator(_)
            | AstKind::ExpressionStatement(_)
            | AstKind::IfStatement(_) => {
                break;
            }
            _ => {}
        }
    }
    Some(fallback)
}
