//! Statements with redirections: whose they are, and what stands behind a here-document on its line.

use tree_sitter::Node;

use super::document;
use super::node::{listed, parts};
use super::parse;
use super::start::Start;
use super::walker::Walker;

impl Walker {
    pub(super) fn redirected(&mut self, node: Node<'_>, text: &str) {
        let body = node.child_by_field_name("body");
        let mut start = self.nothing_yet();
        let mut lines = Vec::new();
        if let Some(body) = body {
            start.argv = lost_words(body, node, text);
        }
        for part in parts(node).into_iter().filter(|part| Some(*part) != body) {
            self.redirection(part, text, &mut start);
            lines.extend(document::behind(part, text));
        }
        // `cat <<X >file | sh`: read as if the line were `: >file | sh`, where `:` is what has the document.
        let lines: Vec<String> = lines.iter().map(|line| format!(": {line}")).collect();
        let trees: Vec<_> = lines.iter().filter_map(|line| parse::read(line)).collect();
        self.is_opaque |= trees.len() < lines.len();
        for (line, tree) in &trees {
            self.first_of_line(tree.root_node(), line, &mut start);
        }
        match body {
            Some(body) => self.with_redirections(body, text, start),
            None => self.started(start),
        }
        for (line, tree) in &trees {
            self.is_behind = true;
            self.all(parts(tree.root_node()), line);
        }
    }

    /// Takes the redirections and the words of the line's first command.
    fn first_of_line(&mut self, root: Node<'_>, line: &str, start: &mut Start) {
        let mut node = Some(root);
        while let Some(first) = node {
            let body = first.child_by_field_name("body");
            if first.kind() == "redirected_statement"
                && body.is_none_or(|body| body.kind() == "command")
            {
                for part in parts(first).into_iter().filter(|part| Some(*part) != body) {
                    self.redirection(part, line, start);
                }
            }
            if first.kind() == "command" {
                for word in parts(first).into_iter().skip(1) {
                    let word = self.expand(&line[word.byte_range()]);
                    start.argv.push(word);
                }
                return;
            }
            node = parts(first).into_iter().next();
        }
    }

    /// Redirections after a list or a pipeline are those of its last command, and those of a whole group are those of a
    /// program without a name.
    pub(super) fn with_redirections(&mut self, body: Node<'_>, text: &str, mut start: Start) {
        match body.kind() {
            "command" | "declaration_command" | "unset_command" => self.simple(body, text, start),
            "pipeline" => self.pipe(parts(body), text, Some(start)),
            "list" => {
                let mut commands = listed(body);
                let last = commands.pop();
                self.all(commands, text);
                if let Some(last) = last {
                    // `cd` may have come before.
                    let cwd = self.cwd.clone();
                    self.with_redirections(last, text, Start { cwd, ..start });
                }
            }
            "negated_command" => {
                for part in parts(body) {
                    self.with_redirections(part, text, start.clone());
                }
            }
            _ => {
                self.statement(body, text);
                start.argv.clear();
                self.started(start);
            }
        }
    }
}

/// The grammar loses a lone hyphen before a redirection, as in `node - <<X`.
fn lost_words(body: Node<'_>, whole: Node<'_>, text: &str) -> Vec<String> {
    let next = body
        .next_sibling()
        .map_or(whole.end_byte(), |next| next.start_byte());
    let between = text.get(body.end_byte()..next).unwrap_or_default();
    between.split_whitespace().map(str::to_owned).collect()
}
