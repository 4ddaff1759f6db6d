//! The schemas that a function names: `input`, `output`, and the `models` of a sync.

use oxc_ast::ast::{Expression, ObjectPropertyKind};
use oxc_span::GetSpan;

use super::facts::{Role, Schema};
use super::tree::Tree;
use super::{options, shape};

/// All of them.
pub fn of(tree: &Tree<'_>) -> Vec<Schema> {
    let Some(object) = options::of(tree) else {
        return Vec::new();
    };
    let read = |role: Role, expression| {
        let shape = shape::of(tree, expression);
        let at = options::resolved(tree, expression).unwrap_or(expression);
        Schema {
            line: tree.line(at.span()),
            role,
            shape,
        }
    };
    let of_action = [("input", Role::Input), ("output", Role::Output)];
    let of_action = of_action.into_iter();
    let mut found: Vec<Schema> = of_action
        .filter_map(|(name, role)| Some(read(role, options::property(object, name)?)))
        .collect();
    let models =
        options::property(object, "models").and_then(|models| options::resolved(tree, models));
    if let Some(Expression::ObjectExpression(models)) = models {
        found.extend(models.properties.iter().filter_map(|model| match model {
            ObjectPropertyKind::ObjectProperty(model) => Some(read(Role::Model, &model.value)),
            ObjectPropertyKind::SpreadProperty(_) => None,
        }));
    }
    found
}
