//! What of the input a source compares with texts of its own.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, ArrayExpressionElement, Expression, ObjectPropertyKind};
use oxc_span::{GetSpan, Span};

use super::bindings::Binding;
use super::constant;
use super::facts::{Comparison, Path, Root};
use super::path;
use super::tree::Tree;

/// Methods that ask a list, a set or a map for something.
const ASKS: &[&str] = &["includes", "indexOf", "has", "get"];

/// The comparisons that a node makes. `inputs` are the uses of the input, in the order of the text.
pub fn of(tree: &Tree<'_>, kind: AstKind<'_>, inputs: &[(Span, Path)]) -> Vec<Comparison> {
    let line = tree.line(kind.span());
    let all = |of: Option<Path>, with: Vec<String>| -> Vec<Comparison> {
        let of = of.into_iter();
        of.flat_map(|of| {
            let of = of.clone();
            with.iter().map(move |with| Comparison {
                line,
                of: of.clone(),
                with: with.clone(),
            })
        })
        .collect()
    };
    match kind {
        AstKind::BinaryExpression(equal) if equal.operator.is_equality() => {
            let sides = [(&equal.left, &equal.right), (&equal.right, &equal.left)];
            let mut known = sides.into_iter().filter_map(|(one, other)| {
                Some((given(tree, other, inputs)?, constant::text(tree, one)?))
            });
            known
                .next()
                .map_or_else(Vec::new, |(of, with)| all(Some(of), vec![with]))
        }
        AstKind::SwitchStatement(switch) => {
            let of = given(tree, &switch.discriminant, inputs);
            let tests = switch.cases.iter().filter_map(|case| case.test.as_ref());
            let known = tests
                .filter_map(|test| constant::text(tree, test))
                .collect();
            all(of, known)
        }
        AstKind::ComputedMemberExpression(member) => {
            let of = given(tree, &member.expression, inputs);
            let with = if of.is_some() {
                spelled(tree, &member.object)
            } else {
                Vec::new()
            };
            all(of, with)
        }
        AstKind::CallExpression(call) => {
            let Expression::StaticMemberExpression(member) = call.callee.get_inner_expression()
            else {
                return Vec::new();
            };
            let argument = call.arguments.first().and_then(Argument::as_expression);
            let Some(argument) = argument else {
                return Vec::new();
            };
            if !ASKS.contains(&member.property.name.as_str()) {
                return Vec::new();
            }
            let of = given(tree, argument, inputs);
            let with = if of.is_some() {
                spelled(tree, &member.object)
            } else {
                Vec::new()
            };
            all(of, with)
        }
        _ => Vec::new(),
    }
}

/// What of the input an expression is made of.
fn given(tree: &Tree<'_>, expression: &Expression<'_>, inputs: &[(Span, Path)]) -> Option<Path> {
    if let Some(path) = path::of(tree, expression)
        && path.root == Root::Input
    {
        return Some(path);
    }
    let span = expression.span();
    let from = inputs.partition_point(|(input, _)| input.start < span.start);
    let (input, path) = inputs.get(from)?;
    (input.end <= span.end).then(|| path.clone())
}

/// The texts of a list, a set, or the names of an object that the source spells out.
fn spelled(tree: &Tree<'_>, expression: &Expression<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = vec![expression.get_inner_expression()];
    while let Some(next) = rest.pop() {
        if !tree.step() {
            break;
        }
        match next.get_inner_expression() {
            Expression::Identifier(name) => {
                let binding = tree
                    .symbol(name)
                    .and_then(|symbol| tree.bindings.get(&symbol));
                // An object's values are no names; only what stands at the top is looked up.
                if let (Some(Binding::Value(value, way)), true) = (binding, found.is_empty())
                    && way.is_empty()
                {
                    rest.push(value);
                }
            }
            Expression::ArrayExpression(array) => {
                let items = array.elements.iter();
                rest.extend(items.filter_map(ArrayExpressionElement::as_expression));
            }
            Expression::NewExpression(new) => {
                rest.extend(new.arguments.iter().filter_map(Argument::as_expression));
            }
            Expression::ObjectExpression(object) => {
                found.extend(
                    object
                        .properties
                        .iter()
                        .filter_map(|property| match property {
                            ObjectPropertyKind::ObjectProperty(property) => {
                                property.key.static_name().map(|name| name.into_owned())
                            }
                            ObjectPropertyKind::SpreadProperty(_) => None,
                        }),
                );
            }
            literal => found.extend(constant::text(tree, literal)),
        }
    }
    found
}
