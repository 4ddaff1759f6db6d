//! Where a program's input comes from and where its output goes.

use tree_sitter::Node;

use super::node::parts;
use super::start::Start;
use super::walker::Walker;

impl Walker {
    /// Reads one redirection into `start`.
    pub(super) fn redirection(&mut self, node: Node<'_>, text: &str, start: &mut Start) {
        match node.kind() {
            "file_redirect" => self.file(node, text, start),
            "herestring_redirect" => {
                let words = parts(node).into_iter();
                for word in words.filter(|word| word.kind() != "file_descriptor") {
                    start.stdin = Some(self.expand(&text[word.byte_range()]));
                }
            }
            "heredoc_redirect" => self.document(node, text, start),
            _ => {}
        }
    }

    fn file(&mut self, node: Node<'_>, text: &str, start: &mut Start) {
        let operator = (0..node.child_count())
            .filter_map(|at| node.child(at))
            .find(|part| !part.is_named())
            .map_or("", |part| part.kind());
        let mut cursor = node.walk();
        let words = node.children_by_field_name("destination", &mut cursor);
        for (at, word) in words.enumerate() {
            if word.kind() == "process_substitution" {
                self.statement(word, text);
                continue;
            }
            let target = self.expand(&text[word.byte_range()]);
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

    fn document(&mut self, node: Node<'_>, text: &str, start: &mut Start) {
        let mut is_quoted = false;
        start.stdin = Some(String::new());
        for part in parts(node) {
            let words = &text[part.byte_range()];
            match part.kind() {
                "heredoc_start" => is_quoted = words.contains(['\'', '"', '\\']),
                "heredoc_body" => {
                    let filled = parts(part).into_iter();
                    for inner in filled.filter(|one| !is_quoted && one.kind() != "heredoc_content")
                    {
                        self.expand(&text[inner.byte_range()]);
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
}
