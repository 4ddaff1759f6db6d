//! One walk over the tree that takes down the facts.

use oxc_ast::AstKind;
use oxc_ast::ast::{
    Argument, BinaryOperator, Comment, Expression, ObjectExpression, ObjectPropertyKind, TSType,
};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan, Span};

use super::exec;
use super::facts::{
    Call, Cast, CastKind, Line, Module, Path, Purpose, Root, Source, Text, Throw, Use,
};
use super::tree::Tree;
use super::{
    changed, checkpoint, compared, constant, definition, exposed, fallback, hidden, kept, options,
    path, requests, schema, webhook,
};

/// All facts of a source.
pub fn facts(tree: &Tree<'_>, comments: &[Comment]) -> Source {
    let mut source = Source::default();
    for comment in comments {
        let span = comment.content_span();
        let text = span.source_text(tree.text).trim().to_owned();
        source.comments.push(Line {
            line: tree.line(span),
            text,
        });
    }
    source.unchecked = unchecked(tree, comments);
    let mut inputs: Vec<(Span, Path)> = Vec::new();
    for node in tree.semantic.nodes().iter() {
        let (id, kind) = (node.id(), node.kind());
        names(tree, kind, &mut source);
        if let AstKind::IdentifierReference(name) = kind
            && tree.is_value(name)
        {
            let used = path::from(tree, id, name);
            if used.root == Root::Input {
                inputs.push((name.span, used.clone()));
            }
            source
                .exposed
                .extend(exposed::of(tree, id, name.span, &used));
            source.uses.push(Use {
                line: tree.line(name.span),
                path: used,
            });
        }
        texts(tree, id, kind, &mut source);
        source.modules.extend(module(tree, kind));
        silenced(tree, kind, &mut source);
        source.fallbacks.extend(fallback::of(tree, id, kind));
        match kind {
            AstKind::CallExpression(made) => source.calls.extend(call(tree, id, made)),
            AstKind::ImportMeta(meta) => {
                used(tree, meta.span, Root::Global, "import.meta", &mut source)
            }
            AstKind::ImportExpression(import) => {
                used(tree, import.span, Root::Global, "import()", &mut source)
            }
            // Whether the SDK's object has a member.
            AstKind::BinaryExpression(asks) if asks.operator == BinaryOperator::In => {
                let of = path::of(tree, &asks.right);
                if of.is_some_and(|path| path.root == Root::Nango && path.names.is_empty()) {
                    used(tree, asks.span, Root::Nango, "in", &mut source);
                }
            }
            AstKind::ThrowStatement(throw) => source.throws.push(Throw {
                line: tree.line(throw.span),
                made: match throw.argument.get_inner_expression() {
                    Expression::NewExpression(new) => path::of(tree, &new.callee),
                    _ => None,
                },
            }),
            _ => {}
        }
    }
    inputs.sort_by_key(|(span, _)| span.start);
    for node in tree.semantic.nodes().iter() {
        source
            .comparisons
            .extend(compared::of(tree, node.kind(), &inputs));
    }
    source.hidden = hidden::of(tree, comments);
    source.schemas = schema::of(tree);
    source.definition = definition::of(tree);
    source.exec = exec::of(tree, "exec");
    source.webhook = webhook::of(tree);
    source.checkpoint = checkpoint::of(tree);
    source.swallowed = requests::swallowed(tree);
    source.kept = kept::of(tree);
    source.changed = changed::of(tree);
    source
}

fn module(tree: &Tree<'_>, kind: AstKind<'_>) -> Option<Module> {
    let (from, is_type) = match kind {
        AstKind::ImportDeclaration(import) => (&import.source, import.import_kind.is_type()),
        AstKind::ExportFromDeclaration(export) => (&export.source, export.export_kind.is_type()),
        AstKind::ExportAllDeclaration(export) => (&export.source, export.export_kind.is_type()),
        _ => return None,
    };
    Some(Module {
        line: tree.line(from.span),
        name: from.value.to_string(),
        is_type,
    })
}

/// Where the compiler is told to check nothing. It obeys a line comment before the first code only, which is how TypeScript 5
/// reads it; elsewhere the words do nothing.
fn unchecked(tree: &Tree<'_>, comments: &[Comment]) -> Option<u32> {
    let program = tree.semantic.nodes().program();
    let directives = program.directives.iter().map(|one| one.span.start);
    let code = directives.chain(program.body.iter().map(|one| one.span().start));
    let code = code.min().unwrap_or(u32::MAX);
    let mut above = comments.iter().filter(|one| one.span.end <= code);
    let found = above.find(|comment| {
        let text = comment.content_span().source_text(tree.text);
        let text = text.trim_start_matches('/').trim_start();
        let rest = text.strip_prefix("@ts-nocheck");
        comment.is_line()
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ' ', '\t', '\r']))
    })?;
    Some(tree.line(found.span))
}

/// A use that no name stands for.
fn used(tree: &Tree<'_>, span: Span, root: Root, name: &str, source: &mut Source) {
    let path = Path {
        root,
        names: vec![name.to_owned()],
    };
    source.uses.push(Use {
        line: tree.line(span),
        path,
    });
}

fn names(tree: &Tree<'_>, kind: AstKind<'_>, source: &mut Source) {
    let (span, name) = match kind {
        AstKind::IdentifierReference(it) => (it.span, it.name.as_str()),
        AstKind::BindingIdentifier(it) => (it.span, it.name.as_str()),
        AstKind::IdentifierName(it) => (it.span, it.name.as_str()),
        AstKind::LabelIdentifier(it) => (it.span, it.name.as_str()),
        AstKind::PrivateIdentifier(it) => (it.span, it.name.as_str()),
        _ => (kind.span(), ""),
    };
    if !name.is_empty() {
        source.names.push(Line {
            line: tree.line(span),
            text: name.to_owned(),
        });
    }
    let member = match kind {
        AstKind::StaticMemberExpression(member) => Some(member.property.name.to_string()),
        AstKind::ComputedMemberExpression(member) => constant::text(tree, &member.expression),
        AstKind::BindingProperty(property) => {
            property.key.static_name().map(|name| name.into_owned())
        }
        _ => None,
    };
    if let Some(text) = member {
        source.members.push(Line {
            line: tree.line(kind.span()),
            text,
        });
    }
}

fn texts(tree: &Tree<'_>, id: NodeId, kind: AstKind<'_>, source: &mut Source) {
    let line = tree.line(kind.span());
    let parent = tree.semantic.nodes().parent_kind(id);
    let is_sum = |kind: AstKind<'_>| matches!(kind, AstKind::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition);
    let value = match kind {
        AstKind::StringLiteral(literal) => Some(literal.value.to_string()),
        AstKind::TemplateElement(part) => part.value.cooked.as_ref().map(ToString::to_string),
        // What is put together of several is a text of its own, beside its parts.
        AstKind::BinaryExpression(sum) if is_sum(kind) && !is_sum(parent) => {
            let left = constant::text(tree, &sum.left);
            left.zip(constant::text(tree, &sum.right))
                .map(|(left, right)| left + &right)
        }
        AstKind::CallExpression(call) if !call.arguments.is_empty() => {
            constant::called_text(tree, call)
        }
        _ => None,
    };
    if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
        let purpose = purpose(tree, id, kind.span());
        source.texts.push(Text {
            line,
            value,
            purpose,
        });
    }
}

/// What a text is for, by what stands around it.
fn purpose(tree: &Tree<'_>, id: NodeId, own: Span) -> Purpose {
    for kind in tree.around(id) {
        match kind {
            AstKind::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {}
            AstKind::TemplateLiteral(_) | AstKind::ArrayExpression(_) => {}
            AstKind::ImportDeclaration(_) => return Purpose::Module,
            AstKind::ComputedMemberExpression(_) | AstKind::TSLiteralType(_) => {
                return Purpose::Key;
            }
            AstKind::ObjectProperty(property) => {
                if property.key.span() == own {
                    return Purpose::Key;
                }
                let is_described = property.key.is_specific_static_name("description");
                return if is_described {
                    Purpose::Description
                } else {
                    Purpose::Value
                };
            }
            AstKind::CallExpression(call) => {
                return match call.callee.get_inner_expression() {
                    Expression::StaticMemberExpression(member)
                        if member.property.name == "describe" =>
                    {
                        Purpose::Description
                    }
                    _ => Purpose::Value,
                };
            }
            _ => return Purpose::Value,
        }
    }
    Purpose::Value
}

fn silenced(tree: &Tree<'_>, kind: AstKind<'_>, source: &mut Source) {
    let (span, to, value) = match kind {
        AstKind::TSAsExpression(cast) => (cast.span, &cast.type_annotation, &cast.expression),
        AstKind::TSTypeAssertion(cast) => (cast.span, &cast.type_annotation, &cast.expression),
        _ => return,
    };
    let kind = match (to, value) {
        (TSType::TSAnyKeyword(_), _) => CastKind::Any,
        (_, Expression::TSAsExpression(inner))
            if matches!(inner.type_annotation, TSType::TSUnknownKeyword(_)) =>
        {
            CastKind::ThroughUnknown
        }
        _ => return,
    };
    source.casts.push(Cast {
        line: tree.line(span),
        kind,
    });
}

fn call<'a>(
    tree: &Tree<'a>,
    id: NodeId,
    call: &'a oxc_ast::ast::CallExpression<'a>,
) -> Option<Call> {
    let path = path::of(tree, &call.callee)?;
    let arguments = || call.arguments.iter().filter_map(Argument::as_expression);
    let first = arguments()
        .next()
        .and_then(|first| options::resolved(tree, first));
    let options = match first {
        Some(Expression::ObjectExpression(object)) => {
            let names = object.properties.iter().map(|property| match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    property.key.static_name().map(|name| name.into_owned())
                }
                ObjectPropertyKind::SpreadProperty(_) => None,
            });
            names.collect()
        }
        _ => None,
    };
    let is_fixed =
        matches!(first, Some(Expression::ObjectExpression(object)) if is_fixed(tree, object));
    Some(Call {
        line: tree.line(call.span),
        is_fixed,
        looped: requests::asks(&path)
            .then(|| requests::looped(tree, id))
            .flatten(),
        lastly: requests::lastly(tree, id, call.span),
        path,
        options,
        names: arguments()
            .filter_map(|name| path::of(tree, name))
            .collect(),
    })
}

/// Whether an object says something, and all of it stands in the source.
fn is_fixed(tree: &Tree<'_>, object: &ObjectExpression<'_>) -> bool {
    let is_literal = |property: &ObjectPropertyKind<'_>| match property {
        ObjectPropertyKind::ObjectProperty(property) => {
            matches!(property.value, Expression::NumericLiteral(_))
                || constant::text(tree, &property.value).is_some()
        }
        ObjectPropertyKind::SpreadProperty(_) => false,
    };
    !object.properties.is_empty() && object.properties.iter().all(is_literal)
}
