//! The grammar: [tree-sitter-bash](https://github.com/tree-sitter/tree-sitter-bash), which reads in one pass without
//! recursion and is told when to give up.

use std::borrow::Cow;
use std::ops::ControlFlow;

use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree};

use super::document;
use crate::domain::limits;

/// The tree of a command that is shell from end to end, and the text that it is of.
pub(super) fn read(text: &str) -> Option<(Cow<'_, str>, Tree)> {
    if let Some(tree) = parse(text) {
        return Some((Cow::Borrowed(text), tree));
    }
    // The grammar does not know `exec 3<>file`, which for us is a write.
    let known = text.contains("<>").then(|| text.replace("<>", "> "))?;
    let tree = parse(&known)?;
    Some((Cow::Owned(known), tree))
}

/// The tree of a command that is shell from end to end. The limit is one of work and not of time, so that a judgement is
/// the same on every machine.
fn parse(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_bash::LANGUAGE.into())
        .ok()?;
    let mut steps = 0;
    let mut give_up = |_: &ParseState| {
        steps += 1;
        if steps > limits::COMMAND_PARSE_STEPS {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let bytes = text.as_bytes();
    let options = ParseOptions::new().progress_callback(&mut give_up);
    let tree = parser.parse_with_options(
        &mut |at, _| bytes.get(at..).unwrap_or_default(),
        None,
        Some(options),
    )?;
    is_shell(tree.root_node(), text).then_some(tree)
}

/// Whether the grammar understood all of it. What stands behind the beginning of a here-document is read by itself.
fn is_shell(root: Node<'_>, text: &str) -> bool {
    let mut rest = vec![root];
    while let Some(node) = rest.pop() {
        if !node.has_error() || node.kind() == "heredoc_redirect" && document::is_whole(node, text)
        {
            continue;
        }
        if node.is_error() || node.is_missing() || node.kind() == "heredoc_redirect" {
            return false;
        }
        let mut cursor = node.walk();
        rest.extend(node.children(&mut cursor));
    }
    true
}
