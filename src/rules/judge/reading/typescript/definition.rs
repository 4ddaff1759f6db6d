//! What a source makes, and what it says of it: `createAction({ description: '…' })`.

use super::facts::Definition;
use super::tree::Tree;
use super::{constant, options};

/// The first function that a source makes.
pub fn of(tree: &Tree<'_>) -> Option<Definition> {
    let (by, object) = options::made(tree)?;
    let text = |name: &str| {
        options::property(object, name)
            .and_then(|text| options::resolved(tree, text))
            .and_then(|text| constant::text(tree, text))
    };
    Some(Definition {
        by,
        description: text("description"),
        event: text("event"),
    })
}
