//! Characters that nobody sees, and whether they stand in code.

use oxc_ast::AstKind;
use oxc_ast::ast::Comment;
use oxc_span::{GetSpan, Span};

use super::facts::Hidden;
use super::tree::Tree;

/// All of them. A text that names a property or a member is code.
pub fn of(tree: &Tree<'_>, comments: &[Comment]) -> Vec<Hidden> {
    let suspects = tree
        .text
        .char_indices()
        .filter(|(_, character)| is_hidden(*character));
    let suspects: Vec<(usize, char)> = suspects
        .filter(|(at, character)| !(*at == 0 && *character == '\u{FEFF}'))
        .collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let mut harmless: Vec<Span> = comments.iter().map(|comment| comment.span).collect();
    for node in tree.semantic.nodes().iter() {
        let kind = node.kind();
        let is_text = match kind {
            AstKind::StringLiteral(literal) => match tree.semantic.nodes().parent_kind(node.id()) {
                AstKind::ObjectProperty(property) => property.key.span() != literal.span,
                AstKind::ComputedMemberExpression(_) | AstKind::ImportDeclaration(_) => false,
                _ => true,
            },
            AstKind::TemplateElement(_) | AstKind::RegExpLiteral(_) => true,
            _ => false,
        };
        if is_text {
            harmless.push(kind.span());
        }
    }
    suspects
        .into_iter()
        .map(|(at, character)| {
            let at = at as u32;
            let is_within = |span: &Span| span.start <= at && at < span.end;
            Hidden {
                line: tree.line(Span::new(at, at)),
                character,
                is_code: !harmless.iter().any(is_within),
            }
        })
        .collect()
}

fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}
