//! Where a program's input comes from and where its output goes.

use tree_sitter::Node;

use super::parse::parts;
use super::start::Start;
use super::walker::Walker;

/// Reads one redirection into `start`.
pub(super) fn read(walker: &mut Walker, node: Node<'_>, text: &str, start: &mut Start) {
    match node.kind() {
        "file_redirect" => file(walker, node, text, start),
        "herestring_redirect" => {
            let words = parts(node).into_iter();
            for word in words.filter(|word| word.kind() != "file_descriptor") {
                start.stdin = Some(walker.expand(&text[word.byte_range()]));
            }
        }
        "heredoc_redirect" => document(walker, node, text, start),
        _ => {}
    }
}

fn file(walker: &mut Walker, node: Node<'_>, text: &str, start: &mut Start) {
    let operator = (0..node.child_count())
        .filter_map(|at| node.child(at))
        .find(|part| !part.is_named())
        .map_or("", |part| part.kind());
    let mut cursor = node.walk();
    let words = node.children_by_field_name("destination", &mut cursor);
    for (at, word) in words.enumerate() {
        if word.kind() == "process_substitution" {
            walker.statement(word, text);
            continue;
        }
        let target = walker.expand(&text[word.byte_range()]);
        match operator {
            // `echo >file more`: what follows the file is an argument.
            _ if at > 0 => start.argv.push(target),
            "<" => start.reads.push(target),
            ">&" if word.kind() == "number" => {}
            "<&" | "<&-" | ">&-" => {}
            _ => start.writes.push(target),
        }
    }
}

fn document(walker: &mut Walker, node: Node<'_>, text: &str, start: &mut Start) {
    let mut is_quoted = false;
    start.stdin = Some(String::new());
    for part in parts(node) {
        let words = &text[part.byte_range()];
        match part.kind() {
            "heredoc_start" => is_quoted = words.contains(['\'', '"', '\\']),
            "heredoc_body" => {
                let filled = parts(part).into_iter();
                for inner in filled.filter(|one| !is_quoted && one.kind() != "heredoc_content") {
                    walker.expand(&text[inner.byte_range()]);
                }
                let without_tabs = || {
                    let lines = words.split_inclusive('\n');
                    lines.map(|line| line.trim_start_matches('\t')).collect()
                };
                start.stdin = Some(match node.child(0).map(|operator| operator.kind()) {
                    Some("<<-") => without_tabs(),
                    _ => words.to_owned(),
                });
            }
            _ => {}
        }
    }
}

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
