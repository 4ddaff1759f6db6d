//! What a zod schema lets through, as far as the source spells it out.

use oxc_ast::ast::{
    Argument, ArrayExpressionElement, CallExpression, Expression, ObjectPropertyKind,
};

use super::facts::{Field, Root, Shape};
use super::tree::Tree;
use super::{options, path};
use crate::domain::limits;

/// The shape of a schema.
pub fn of<'a>(tree: &Tree<'a>, schema: &'a Expression<'a>) -> Shape {
    shape(tree, schema, 0)
}

fn shape<'a>(tree: &Tree<'a>, schema: &'a Expression<'a>, depth: usize) -> Shape {
    if depth > limits::SOURCE_FOLDS || !tree.step() {
        return Shape::Other;
    }
    let depth = depth + 1;
    match options::resolved(tree, schema) {
        Some(Expression::CallExpression(call)) => {
            let Expression::StaticMemberExpression(member) = call.callee.get_inner_expression()
            else {
                return Shape::Other;
            };
            let method = member.property.name.as_str();
            if is_zod(tree, &member.object) {
                made(tree, method, call, depth)
            } else {
                let inner = shape(tree, &member.object, depth);
                changed(tree, inner, method, call, depth)
            }
        }
        Some(name @ Expression::Identifier(_)) => shape(tree, name, depth),
        _ => Shape::Other,
    }
}

fn is_zod(tree: &Tree<'_>, expression: &Expression<'_>) -> bool {
    let path = path::of(tree, expression);
    path.is_some_and(|path| {
        let names: Vec<&str> = path.names.iter().map(String::as_str).collect();
        path.root == Root::Import && matches!(names.as_slice(), ["zod"] | ["zod", "z" | "default"])
    })
}

/// What `z.<method>(…)` lets through.
fn made<'a>(tree: &Tree<'a>, method: &str, call: &'a CallExpression<'a>, depth: usize) -> Shape {
    let mut arguments = call.arguments.iter().filter_map(Argument::as_expression);
    let (first, last) = (
        arguments.next(),
        call.arguments.last().and_then(Argument::as_expression),
    );
    match (method, first) {
        ("any" | "unknown", _) => Shape::Anything,
        ("object" | "strictObject" | "looseObject", fields_of) => Shape::Object {
            fields: fields_of.map_or_else(Vec::new, |of| fields(tree, of, depth)),
            is_open: method == "looseObject",
        },
        ("array", Some(item)) => Shape::List(Box::new(shape(tree, item, depth))),
        ("record", Some(_)) => match last.map(|value| shape(tree, value, depth)) {
            Some(Shape::Anything) => Shape::Object {
                fields: Vec::new(),
                is_open: true,
            },
            _ => Shape::Other,
        },
        ("optional" | "nullish", Some(inner)) => optional(shape(tree, inner, depth)),
        ("nullable", Some(inner)) => shape(tree, inner, depth),
        ("union" | "intersection" | "discriminatedUnion", _) => {
            let listed = call.arguments.iter().filter_map(Argument::as_expression);
            let listed = listed.flat_map(|argument| match options::resolved(tree, argument) {
                Some(Expression::ArrayExpression(array)) => array
                    .elements
                    .iter()
                    .filter_map(ArrayExpressionElement::as_expression)
                    .collect(),
                _ => vec![argument],
            });
            Shape::Either(listed.map(|one| shape(tree, one, depth)).collect())
        }
        ("lazy", Some(Expression::ArrowFunctionExpression(function))) => {
            // A schema may name itself, more than once: it is followed twice at most.
            let depth = depth + limits::SOURCE_FOLDS / 2;
            let inner = function.body.as_expression();
            inner.map_or(Shape::Other, |inner| shape(tree, inner, depth))
        }
        _ => Shape::Other,
    }
}

/// What is let through after `.<method>(…)`.
fn changed<'a>(
    tree: &Tree<'a>,
    inner: Shape,
    method: &str,
    call: &'a CallExpression<'a>,
    depth: usize,
) -> Shape {
    let argument = call.arguments.first().and_then(Argument::as_expression);
    match (method, inner, argument) {
        ("passthrough" | "loose", Shape::Object { fields, .. }, _) => Shape::Object {
            fields,
            is_open: true,
        },
        ("strict" | "strip", Shape::Object { fields, .. }, _) => Shape::Object {
            fields,
            is_open: false,
        },
        ("catchall", Shape::Object { fields, .. }, Some(rest)) => Shape::Object {
            fields,
            is_open: shape(tree, rest, depth) == Shape::Anything,
        },
        (
            "extend" | "safeExtend",
            Shape::Object {
                fields: mut all,
                is_open,
            },
            Some(more),
        ) => {
            all.extend(fields(tree, more, depth));
            Shape::Object {
                fields: all,
                is_open,
            }
        }
        (
            "merge",
            Shape::Object {
                fields: mut all,
                is_open,
            },
            Some(more),
        ) => {
            if let Shape::Object { fields, .. } = shape(tree, more, depth) {
                all.extend(fields);
            }
            Shape::Object {
                fields: all,
                is_open,
            }
        }
        ("optional" | "nullish", inner, _) => optional(inner),
        ("partial", Shape::Object { fields, is_open }, None) => Shape::Object {
            fields: fields
                .into_iter()
                .map(|field| Field {
                    shape: optional(field.shape),
                    ..field
                })
                .collect(),
            is_open,
        },
        ("array", inner, _) => Shape::List(Box::new(inner)),
        ("or" | "and", inner, Some(other)) => Shape::Either(vec![inner, shape(tree, other, depth)]),
        ("pipe", _, Some(then)) => shape(tree, then, depth),
        (_, inner, _) => inner,
    }
}

fn optional(inner: Shape) -> Shape {
    match inner {
        Shape::Optional(_) => inner,
        inner => Shape::Optional(Box::new(inner)),
    }
}

/// The fields of an object of schemas, those of others that are spread into it included.
fn fields<'a>(tree: &Tree<'a>, expression: &'a Expression<'a>, depth: usize) -> Vec<Field> {
    if depth > limits::SOURCE_FOLDS || !tree.step() {
        return Vec::new();
    }
    let depth = depth + 1;
    let object = match options::resolved(tree, expression) {
        Some(Expression::ObjectExpression(object)) => object,
        // `Other.shape`
        Some(Expression::StaticMemberExpression(member)) if member.property.name == "shape" => {
            return match shape(tree, &member.object, depth) {
                Shape::Object { fields, .. } => fields,
                _ => Vec::new(),
            };
        }
        _ => return Vec::new(),
    };
    let mut found = Vec::new();
    for property in &object.properties {
        match property {
            ObjectPropertyKind::ObjectProperty(property) => {
                found.push(Field {
                    name: property.key.static_name().unwrap_or_default().into_owned(),
                    shape: shape(tree, &property.value, depth),
                });
            }
            ObjectPropertyKind::SpreadProperty(spread) => {
                found.extend(fields(tree, &spread.argument, depth));
            }
        }
    }
    found
}
