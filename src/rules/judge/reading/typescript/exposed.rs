//! The connection's credentials where they leave the function: in a line of its log, in an error, in what it gives.

use oxc_ast::AstKind;
use oxc_ast::ast::{BinaryOperator, Expression};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan, Span};

use super::facts::{Exposed, Goes, Path, Root};
use super::path;
use super::tree::{Tree, is_in};

/// Methods of the SDK that give secrets, and where in what they give.
const SECRETS: &[&[&str]] = &[
    &["getConnection", "()", "credentials"],
    &["getToken", "()"],
    &["getRawTokenResponse", "()"],
    &["getEnvironmentVariables", "()"],
];
/// What stands among credentials and is none (Nango's API, `GET /connections/{id}`).
const OPEN: &[&str] = &["type", "expires_at", "expires_in", "scope", "token_type"];
/// Methods of the SDK that keep records.
const KEEPS: &[&str] = &["batchSave", "batchUpdate"];
/// Functions that give what they are given, in another form.
const WRITES: &[&str] = &[
    "JSON",
    "String",
    "Buffer",
    "btoa",
    "Object",
    "structuredClone",
];

/// The use of a name, when credentials leave by it.
pub fn of(tree: &Tree<'_>, id: NodeId, span: Span, used: &Path) -> Option<Exposed> {
    if used.root != Root::Nango || !is_secret(&used.names) {
        return None;
    }
    let goes = goes(tree, id, span);
    matches!(goes, Goes::Out | Goes::Message).then(|| Exposed {
        line: tree.line(span),
        of: used.clone(),
        goes,
    })
}

fn is_secret(names: &[String]) -> bool {
    // A whole connection holds its credentials.
    if names == ["getConnection", "()"] {
        return true;
    }
    let rest = SECRETS.iter().find_map(|secret| {
        let is_it = names.len() >= secret.len() && names.iter().zip(*secret).all(|(a, b)| a == b);
        is_it.then(|| &names[secret.len()..])
    });
    rest.is_some_and(|rest| {
        rest.first()
            .is_none_or(|name| !OPEN.contains(&name.as_str()))
    })
}

/// Where a value goes as it is. What is asked of it, or made of it by another function, is something else.
fn goes(tree: &Tree<'_>, id: NodeId, span: Span) -> Goes {
    let mut is_returned = false;
    for around in tree.around(id) {
        match around {
            AstKind::BinaryExpression(sum) if sum.operator != BinaryOperator::Addition => break,
            AstKind::UnaryExpression(_) | AstKind::IfStatement(_) => break,
            AstKind::ConditionalExpression(choice) if is_in(span, choice.test.span()) => break,
            AstKind::CallExpression(call) if is_in(span, call.callee.span()) => {}
            AstKind::CallExpression(call) => match called(tree, &call.callee) {
                Some(Called::Logs) => return Goes::Message,
                Some(Called::Keeps) => return Goes::Out,
                Some(Called::Writes) => {}
                None => break,
            },
            AstKind::ThrowStatement(_) => return Goes::Message,
            AstKind::ReturnStatement(_) => is_returned = true,
            AstKind::Function(_) => return end(is_returned, tree, around),
            AstKind::ArrowFunctionExpression(arrow) => {
                return end(is_returned || arrow.is_expression(), tree, around);
            }
            AstKind::VariableDeclarator(_) | AstKind::AssignmentExpression(_) => break,
            _ => {}
        }
    }
    Goes::Elsewhere
}

/// What `exec` returns is the action's output; what another function returns goes on from there.
fn end(is_returned: bool, tree: &Tree<'_>, function: AstKind<'_>) -> Goes {
    let nodes = tree.semantic.nodes();
    let is_exec = nodes.iter().any(|node| match node.kind() {
        AstKind::ObjectProperty(property) => {
            property.key.is_specific_static_name("exec") && property.value.span() == function.span()
        }
        _ => false,
    });
    if is_returned && is_exec {
        Goes::Out
    } else {
        Goes::Elsewhere
    }
}

enum Called {
    Logs,
    Keeps,
    Writes,
}

fn called(tree: &Tree<'_>, callee: &Expression<'_>) -> Option<Called> {
    let path = path::of(tree, callee)?;
    let first = path.names.first().map_or("", String::as_str);
    match path.root {
        Root::Nango if first == "log" => Some(Called::Logs),
        Root::Nango if KEEPS.contains(&first) => Some(Called::Keeps),
        Root::Global if first == "console" => Some(Called::Logs),
        Root::Global if WRITES.contains(&first) => Some(Called::Writes),
        _ => None,
    }
}
