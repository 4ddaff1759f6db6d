//! What stands around the calls that ask the provider: loops, and errors that are swallowed.

use oxc_ast::AstKind;
use oxc_semantic::NodeId;
use oxc_span::{GetSpan, Span};

use super::facts::{Path, Root};
use super::path;
use super::tree::{Tree, is_in};

/// Methods of the SDK that ask the provider.
pub const ASKS: &[&str] = &["get", "post", "put", "patch", "delete", "proxy", "paginate"];

/// Whether a path is a method that asks the provider.
pub fn asks(path: &Path) -> bool {
    path.root == Root::Nango && path.names.len() == 1 && ASKS.contains(&path.names[0].as_str())
}

/// The line of the loop without a list that a call stands in, if it stands in one.
pub fn looped(tree: &Tree<'_>, id: NodeId) -> Option<u32> {
    let mut around = tree.around(id);
    let found = around.find(|kind| {
        matches!(
            kind,
            AstKind::WhileStatement(_) | AstKind::DoWhileStatement(_) | AstKind::ForStatement(_)
        )
    });
    found.map(|kind| tree.line(kind.span()))
}

/// The line of the `finally` that a call stands in on no condition, if it stands in one.
pub fn lastly(tree: &Tree<'_>, id: NodeId, call: Span) -> Option<u32> {
    for kind in tree.around(id) {
        match kind {
            AstKind::IfStatement(_) | AstKind::Function(_) => return None,
            AstKind::TryStatement(tries) => {
                let block = tries.finalizer.as_ref();
                if let Some(block) = block.filter(|block| is_in(call, block.span)) {
                    return Some(tree.line(block.span));
                }
            }
            _ => {}
        }
    }
    None
}

/// The lines at which an error of a request is caught, and the function goes on.
pub fn swallowed(tree: &Tree<'_>) -> Vec<u32> {
    let nodes = || tree.semantic.nodes().iter();
    let mut found = Vec::new();
    for node in nodes() {
        let AstKind::TryStatement(tries) = node.kind() else {
            continue;
        };
        let Some(handler) = &tries.handler else {
            continue;
        };
        let (mut asked, mut ends) = (false, false);
        for inner in nodes().take_while(|_| tree.step()) {
            match inner.kind() {
                AstKind::CallExpression(call) if is_in(call.span, tries.block.span) => {
                    asked |= path::of(tree, &call.callee).is_some_and(|path| asks(&path));
                }
                AstKind::ThrowStatement(end) => ends |= is_in(end.span, handler.span),
                AstKind::ReturnStatement(end) => ends |= is_in(end.span, handler.span),
                _ => {}
            }
        }
        if asked && !ends {
            found.push(tree.line(handler.span));
        }
    }
    found
}
