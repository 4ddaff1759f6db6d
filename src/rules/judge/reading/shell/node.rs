//! Nodes of the grammar, as the reader of commands goes through them.

use tree_sitter::Node;

/// The parts of a node that have names, comments left out.
pub(super) fn parts(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    let parts = node.named_children(&mut cursor);
    parts.filter(|part| part.kind() != "comment").collect()
}

/// The commands of a list, in order: `a && b || c` is a tree that leans to the left, as deep as it is long.
pub(super) fn listed(node: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut rest = node;
    while rest.kind() == "list" {
        let mut both = parts(rest);
        found.extend(both.drain(1..).rev());
        match both.pop() {
            Some(first) => rest = first,
            None => break,
        }
    }
    found.push(rest);
    found.reverse();
    found
}
