//! Walks through a parsed command and collects what it starts.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::domain::limits;

use super::loops;
use super::node::{listed, parts};
use super::parse;
use super::start::{Reading, Start};
use super::words;
use super::wrappers::unwrap;
use crate::rules::judge::reading::paths;

/// Collects program starts.
#[derive(Debug, Default)]
pub struct Walker {
    variables: BTreeMap<String, String>,
    pub(super) cwd: String,
    starts: Vec<Start>,
    /// What is piped into the next program.
    pub(super) fed: Option<String>,
    scripts: usize,
    level: usize,
    /// How often the loops around the next command start it.
    counted: u32,
    /// The next command is the `:` that stands for one that was started already.
    pub(super) is_behind: bool,
    /// Something in it was too deep or could not be read.
    pub(super) is_opaque: bool,
}

/// How deep commands within commands (`bash -c`, `$(…)`) are followed.
const SCRIPT_DEPTH: usize = 4;

impl Walker {
    /// A walker that starts in this folder.
    pub fn new(cwd: &str) -> Self {
        Self {
            cwd: cwd.to_owned(),
            ..Self::default()
        }
    }

    /// Takes a whole command apart.
    pub fn walk(mut self, command: &str) -> Reading {
        match self.script(command) {
            Some(()) if !self.is_opaque => Reading::Starts(self.starts),
            _ => Reading::Opaque,
        }
    }

    fn script(&mut self, text: &str) -> Option<()> {
        if text.len() > limits::COMMAND_BYTES || self.scripts > SCRIPT_DEPTH {
            return None;
        }
        let (text, tree) = parse::read(text)?;
        self.scripts += 1;
        self.all(parts(tree.root_node()), &text);
        self.scripts -= 1;
        Some(())
    }

    pub(super) fn all(&mut self, nodes: Vec<Node<'_>>, text: &str) {
        for node in nodes {
            self.statement(node, text);
        }
    }

    pub(super) fn statement(&mut self, node: Node<'_>, text: &str) {
        if self.level >= limits::COMMAND_NESTING {
            self.is_opaque = true;
            return;
        }
        self.level += 1;
        match node.kind() {
            "command" | "declaration_command" | "unset_command" => {
                let start = self.nothing_yet();
                self.simple(node, text, start);
            }
            "variable_assignment" => self.assign(node, text),
            "pipeline" => self.pipe(parts(node), text, None),
            "list" => self.all(listed(node), text),
            "redirected_statement" => self.redirected(node, text),
            "subshell" => {
                let before = self.cwd.clone();
                self.all(parts(node), text);
                self.cwd = before;
            }
            "for_statement" => self.for_each(node, text),
            "function_definition" | "c_style_for_statement" => {
                self.all(node.child_by_field_name("body").into_iter().collect(), text);
            }
            "program"
            | "compound_statement"
            | "do_group"
            | "if_statement"
            | "elif_clause"
            | "else_clause"
            | "while_statement"
            | "case_statement"
            | "case_item"
            | "negated_command"
            | "variable_assignments"
            | "process_substitution" => self.all(parts(node), text),
            // A value, a pattern, a test: nothing starts but what is substituted in it.
            _ => drop(self.expand(&text[node.byte_range()])),
        }
        self.level -= 1;
    }

    pub(super) fn nothing_yet(&self) -> Start {
        Start {
            cwd: self.cwd.clone(),
            counted: self.counted,
            ..Start::default()
        }
    }

    /// Commands that feed each other; `last` is what the last one's output and input are redirected to.
    pub(super) fn pipe(&mut self, commands: Vec<Node<'_>>, text: &str, mut last: Option<Start>) {
        let count = commands.len();
        for (at, command) in commands.into_iter().enumerate() {
            match last.take_if(|_| at + 1 == count) {
                Some(start) => self.with_redirections(command, text, start),
                None => self.statement(command, text),
            }
            self.fed = self.says();
        }
        self.fed = None;
    }

    /// What `echo` or `cat <<X` says is fed to the program behind the pipe.
    pub(super) fn says(&self) -> Option<String> {
        let start = self.starts.last()?;
        match start.program() {
            "echo" | "printf" => Some(start.args().join(" ")),
            "cat" if start.args().iter().all(|arg| arg == "-") => start.stdin.clone(),
            _ => None,
        }
    }

    fn for_each(&mut self, node: Node<'_>, text: &str) {
        let mut cursor = node.walk();
        let values: Vec<String> = node
            .children_by_field_name("value", &mut cursor)
            .map(|value| self.expand(&text[value.byte_range()]))
            .collect();
        // The first value stands for all: paths of one loop are most often alike.
        if let (Some(name), Some(value)) = (node.child_by_field_name("variable"), values.first()) {
            let name = text[name.byte_range()].to_owned();
            self.variables.insert(name, value.clone());
        }
        if let Some(body) = node.child_by_field_name("body") {
            let before = self.counted;
            let rounds = loops::rounds(node, text).filter(|_| !loops::may_end(body, text));
            self.counted = rounds.map_or(before, |rounds| rounds.saturating_mul(before.max(1)));
            self.statement(body, text);
            self.counted = before;
        }
    }

    fn assign(&mut self, node: Node<'_>, text: &str) {
        let value = node.child_by_field_name("value");
        let value = value.map(|value| (value.kind(), self.expand(&text[value.byte_range()])));
        if let (Some(name), Some((kind, value))) = (node.child_by_field_name("name"), value)
            && (name.kind(), kind != "array") == ("variable_name", true)
        {
            let name = text[name.byte_range()].to_owned();
            self.variables.insert(name, value);
        }
    }

    pub(super) fn simple(&mut self, node: Node<'_>, text: &str, mut start: Start) {
        if std::mem::take(&mut self.is_behind) {
            return;
        }
        // Words behind a redirection: `cmd >file more`.
        let more = std::mem::take(&mut start.argv);
        if node.kind() != "command" {
            // `export`, `declare`, `unset`: the word itself has no name in the grammar.
            start
                .argv
                .extend(node.child(0).map(|word| word.kind().to_owned()));
        }
        let mut word = 0..0;
        for part in parts(node) {
            let range = part.byte_range();
            match part.kind() {
                "variable_assignment" if start.argv.is_empty() => {
                    let setting = self.expand(&text[range]);
                    start.set.extend(setting_of(&setting));
                }
                "file_redirect" | "herestring_redirect" | "heredoc_redirect" => {
                    self.redirection(part, text, &mut start);
                }
                "process_substitution" => self.statement(part, text),
                // The grammar ends a word such as `"a"\ b` too early.
                _ if word.end > 0 && text[word.end..range.start].starts_with('\\') => {
                    word.end = range.end;
                    start.argv.pop();
                    let word = self.expand(&text[word.clone()]);
                    start.argv.push(word);
                }
                _ => {
                    word = range;
                    let word = self.expand(&text[word.clone()]);
                    start.argv.push(word);
                }
            }
        }
        start.argv.extend(more);
        self.started(start);
    }

    /// Notes a program, without its wrappers; follows what runs further commands.
    pub(super) fn started(&mut self, mut start: Start) {
        let settings = unwrap(&mut start.argv);
        start
            .set
            .extend(settings.iter().filter_map(|one| setting_of(one)));
        if let Some(fed) = self.fed.take() {
            start.stdin.get_or_insert(fed);
        }
        match start.program() {
            "cd" | "pushd" => {
                if let Some(folder) = start.operands().next() {
                    self.cwd = paths::join(&self.cwd, folder);
                }
            }
            "export" | "declare" | "local" | "readonly" => {
                for (name, value) in start.args().iter().filter_map(|arg| arg.split_once('=')) {
                    self.variables.insert(name.to_owned(), value.to_owned());
                }
            }
            "eval" => {
                let script = start.args().join(" ");
                self.script(&script);
            }
            "bash" | "sh" | "dash" | "zsh" => {
                let script = start
                    .args()
                    .iter()
                    .position(|arg| arg.starts_with('-') && arg.ends_with('c'))
                    .and_then(|at| start.args().get(at + 1).cloned())
                    .or_else(|| {
                        start
                            .stdin
                            .clone()
                            .filter(|_| start.operands().next().is_none())
                    });
                if let Some(script) = script {
                    let before = self.cwd.clone();
                    self.script(&script);
                    self.cwd = before;
                }
            }
            _ => {}
        }
        if !start.argv.is_empty() || !start.writes.is_empty() || !start.reads.is_empty() {
            self.starts.push(start);
        }
    }

    /// The text of a word; commands in it are followed.
    pub(super) fn expand(&mut self, word: &str) -> String {
        let word = words::read(word, &self.variables);
        if !word.commands.is_empty() {
            let before = (self.cwd.clone(), self.fed.take());
            for command in &word.commands {
                self.script(command);
            }
            (self.cwd, self.fed) = before;
        }
        word.text
    }
}

/// `A=b`, taken apart.
fn setting_of(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    Some((name.to_owned(), value.to_owned()))
}
