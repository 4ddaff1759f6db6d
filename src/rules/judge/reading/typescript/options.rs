//! The object that makes a function: `createAction({ … })`, `createSync({ … })`.

use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, Expression, ObjectExpression, ObjectPropertyKind};

use super::bindings::Binding;
use super::facts::Root;
use super::path;
use super::tree::Tree;

/// The first one of a source.
pub fn of<'a>(tree: &Tree<'a>) -> Option<&'a ObjectExpression<'a>> {
    made(tree).map(|(_, object)| object)
}

/// The first one of a source, behind the name of what makes it.
pub fn made<'a>(tree: &Tree<'a>) -> Option<(String, &'a ObjectExpression<'a>)> {
    let mut nodes = tree.semantic.nodes().iter();
    nodes.find_map(|node| match node.kind() {
        AstKind::CallExpression(call) => {
            let path = path::of(tree, &call.callee)?;
            let is_nangos = path.root == Root::Import && path.names.first()? == "nango";
            let by = path.names.last().filter(|by| by.starts_with("create"))?;
            if !is_nangos {
                return None;
            }
            let options = call.arguments.first().and_then(Argument::as_expression)?;
            match resolved(tree, options)? {
                Expression::ObjectExpression(object) => Some((by.clone(), &**object)),
                _ => None,
            }
        }
        _ => None,
    })
}

/// A property of an object that the source spells out.
pub fn property<'a>(object: &'a ObjectExpression<'a>, name: &str) -> Option<&'a Expression<'a>> {
    let mut properties = object.properties.iter();
    properties.find_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property)
            if property.key.is_specific_static_name(name) =>
        {
            Some(&property.value)
        }
        _ => None,
    })
}

/// An expression, or what the name that it is stands for.
pub fn resolved<'a>(tree: &Tree<'a>, expression: &'a Expression<'a>) -> Option<&'a Expression<'a>> {
    match expression.get_inner_expression() {
        Expression::Identifier(name) => match tree.bindings.get(&tree.symbol(name)?)? {
            Binding::Value(value, way) if way.is_empty() => Some(value.get_inner_expression()),
            _ => None,
        },
        other => Some(other),
    }
}
