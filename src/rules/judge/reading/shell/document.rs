//! Here-documents: where one begins and ends, whatever else stands on its first line.

use tree_sitter::Node;

use super::node::parts;

/// What stands behind `<<X` on its line: `2>&1 | sh`. The grammar knows only some of it and marks the rest as wrong, but
/// it finds the document's beginning and end, so the line can be read by itself.
pub(super) fn behind<'a>(node: Node<'_>, text: &'a str) -> Option<&'a str> {
    if node.kind() != "heredoc_redirect" {
        return None;
    }
    let find = |kind| parts(node).into_iter().find(|part| part.kind() == kind);
    let from = find("heredoc_start")?.end_byte();
    let line = text[from..].lines().next()?.trim();
    (!line.is_empty()).then_some(line)
}

/// Whether a here-document has its end, whatever stands behind its beginning.
pub(super) fn is_whole(node: Node<'_>, text: &str) -> bool {
    let find = |kind| parts(node).into_iter().find(|part| part.kind() == kind);
    let (Some(begin), Some(end)) = (find("heredoc_start"), find("heredoc_end")) else {
        return false;
    };
    let body = find("heredoc_body").is_none_or(|body| !body.has_error());
    let unquoted: String = text[begin.byte_range()]
        .chars()
        .filter(|c| !matches!(c, '\'' | '"' | '\\'))
        .collect();
    body && unquoted == text[end.byte_range()]
}
