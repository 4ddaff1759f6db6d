//! Values that a source puts together before anything runs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oxc_ast::ast::{Argument, ArrayExpressionElement, BinaryOperator, Expression};

use super::bindings::Binding;
use super::tree::Tree;
use crate::domain::limits;

/// The text that an expression always is.
pub fn text(tree: &Tree<'_>, expression: &Expression<'_>) -> Option<String> {
    fold(tree, expression, 0)
}

fn fold(tree: &Tree<'_>, expression: &Expression<'_>, depth: usize) -> Option<String> {
    if depth > limits::SOURCE_FOLDS || !tree.step() {
        return None;
    }
    let depth = depth + 1;
    let folded = match expression.get_inner_expression() {
        Expression::StringLiteral(literal) => literal.value.to_string(),
        Expression::NumericLiteral(number) => number.value.to_string(),
        Expression::TemplateLiteral(template) => {
            let mut whole = String::new();
            for (index, part) in template.quasis.iter().enumerate() {
                whole.push_str(part.value.cooked.as_ref()?.as_str());
                if let Some(between) = template.expressions.get(index) {
                    whole.push_str(&fold(tree, between, depth)?);
                }
            }
            whole
        }
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
            fold(tree, &sum.left, depth)? + &fold(tree, &sum.right, depth)?
        }
        Expression::Identifier(name) => match tree.bindings.get(&tree.symbol(name)?)? {
            Binding::Value(value, way) if way.is_empty() => fold(tree, value, depth)?,
            _ => return None,
        },
        Expression::CallExpression(call) => called(tree, call, depth)?,
        _ => return None,
    };
    (folded.len() <= limits::SOURCE_BYTES).then_some(folded)
}

/// The text that a call always gives.
pub fn called_text(tree: &Tree<'_>, call: &oxc_ast::ast::CallExpression<'_>) -> Option<String> {
    called(tree, call, 0)
}

/// What a call of one of the language's own methods always gives.
fn called(
    tree: &Tree<'_>,
    call: &oxc_ast::ast::CallExpression<'_>,
    depth: usize,
) -> Option<String> {
    let argument = |index: usize| -> Option<String> {
        let argument = call
            .arguments
            .get(index)
            .and_then(Argument::as_expression)?;
        fold(tree, argument, depth)
    };
    match call.callee.get_inner_expression() {
        Expression::Identifier(name) if name.name == "atob" => decoded(&argument(0)?),
        Expression::StaticMemberExpression(member) => {
            let object = &member.object;
            match member.property.name.as_str() {
                "join" => Some(list(tree, object, depth)?.join(&argument(0)?)),
                "concat" => {
                    let mut whole = fold(tree, object, depth)?;
                    for index in 0..call.arguments.len() {
                        whole.push_str(&argument(index)?);
                    }
                    Some(whole)
                }
                "toString" => match object.get_inner_expression() {
                    Expression::CallExpression(inner) => buffer(tree, inner, depth),
                    _ => fold(tree, object, depth),
                },
                "toLowerCase" => Some(fold(tree, object, depth)?.to_lowercase()),
                "toUpperCase" => Some(fold(tree, object, depth)?.to_uppercase()),
                "fromCharCode" | "fromCodePoint" => {
                    let code = |index| argument(index)?.parse::<u32>().ok();
                    let mut codes = (0..call.arguments.len()).map(code);
                    codes.try_fold(String::new(), |mut whole, code| {
                        whole.push(char::from_u32(code?)?);
                        Some(whole)
                    })
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// `Buffer.from(text, 'base64')`, or hexadecimal.
fn buffer(
    tree: &Tree<'_>,
    call: &oxc_ast::ast::CallExpression<'_>,
    depth: usize,
) -> Option<String> {
    let Expression::StaticMemberExpression(member) = &call.callee else {
        return None;
    };
    let mut words = call.arguments.iter().filter_map(Argument::as_expression);
    let coded = fold(tree, words.next()?, depth)?;
    let code = words.next().and_then(|code| fold(tree, code, depth));
    match (member.property.name.as_str(), code.as_deref()) {
        ("from", Some("base64")) => decoded(&coded),
        ("from", Some("hex")) => String::from_utf8(hex::decode(coded).ok()?).ok(),
        _ => None,
    }
}

fn decoded(coded: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(coded).ok()?).ok()
}

/// The texts of a list that the source spells out.
fn list(tree: &Tree<'_>, expression: &Expression<'_>, depth: usize) -> Option<Vec<String>> {
    if depth > limits::SOURCE_FOLDS || !tree.step() {
        return None;
    }
    match expression.get_inner_expression() {
        Expression::ArrayExpression(array) => {
            let items = array
                .elements
                .iter()
                .map(ArrayExpressionElement::as_expression);
            items.map(|item| fold(tree, item?, depth + 1)).collect()
        }
        Expression::Identifier(name) => match tree.bindings.get(&tree.symbol(name)?)? {
            Binding::Value(value, way) if way.is_empty() => list(tree, value, depth + 1),
            _ => None,
        },
        Expression::CallExpression(call) => {
            let Expression::StaticMemberExpression(member) = call.callee.get_inner_expression()
            else {
                return None;
            };
            match member.property.name.as_str() {
                "reverse" => {
                    let mut items = list(tree, &member.object, depth + 1)?;
                    items.reverse();
                    Some(items)
                }
                "split" => {
                    let whole = fold(tree, &member.object, depth + 1)?;
                    let by = call.arguments.first().and_then(Argument::as_expression)?;
                    let by = fold(tree, by, depth + 1)?;
                    Some(if by.is_empty() {
                        whole.chars().map(String::from).collect()
                    } else {
                        whole.split(&by).map(str::to_owned).collect()
                    })
                }
                _ => None,
            }
        }
        _ => None,
    }
}
