//! Walks through a parsed command and collects what it starts.

use std::collections::BTreeMap;

use brush_parser::ParserOptions;
use brush_parser::ast;

use crate::domain::limits;

use super::documents::{self, Documents};
use super::parse::{is_shallow, parse};
use super::start::{Reading, Start};
use super::words;
use super::wrappers::unwrap;
use crate::rules::judge::reading::paths;

/// Collects program starts.
pub struct Walker {
    options: ParserOptions,
    variables: BTreeMap<String, String>,
    cwd: String,
    starts: Vec<Start>,
    depth: usize,
    documents: Documents,
}

/// How deep commands within commands (`bash -c`, `$(…)`) are followed.
const SCRIPT_DEPTH: usize = 4;

impl Walker {
    /// A walker that starts in this folder.
    pub fn new(cwd: &str) -> Self {
        Self {
            options: ParserOptions::default(),
            variables: BTreeMap::new(),
            cwd: cwd.to_owned(),
            starts: Vec::new(),
            depth: 0,
            documents: Documents::default(),
        }
    }

    /// Takes a whole command apart.
    pub fn walk(mut self, command: &str) -> Reading {
        if documents::has_marks(command) {
            return Reading::Opaque;
        }
        match self.script(command) {
            Some(()) if self.documents.are_all_used() => Reading::Starts(self.starts),
            _ => Reading::Opaque,
        }
    }

    fn script(&mut self, text: &str) -> Option<()> {
        if text.len() > limits::COMMAND_BYTES || self.depth > SCRIPT_DEPTH {
            return None;
        }
        let text = self.documents.take_out(text);
        if !is_shallow(&text) || documents::are_left(&text) {
            return None;
        }
        let program = parse(&text, &self.options)?;
        self.depth += 1;
        for commands in &program.complete_commands {
            self.list(commands);
        }
        self.depth -= 1;
        Some(())
    }

    fn list(&mut self, list: &ast::CompoundList) {
        for ast::CompoundListItem(and_or, _) in &list.0 {
            self.pipeline(&and_or.first);
            for next in &and_or.additional {
                match next {
                    ast::AndOr::And(pipeline) | ast::AndOr::Or(pipeline) => self.pipeline(pipeline),
                }
            }
        }
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline) {
        let mut fed: Option<String> = None;
        for command in &pipeline.seq {
            let from = self.starts.len();
            self.command(command);
            // What `echo` or `cat <<X` says is fed to the program behind the pipe.
            if let (Some(text), Some(start)) = (fed.take(), self.starts.get_mut(from)) {
                start.stdin.get_or_insert(text);
            }
            fed = self.starts.last().and_then(|start| match start.program() {
                "echo" | "printf" => Some(start.args().join(" ")),
                "cat" if start.args().iter().all(|arg| arg == "-") => start.stdin.clone(),
                _ => None,
            });
        }
    }

    fn command(&mut self, command: &ast::Command) {
        match command {
            ast::Command::Simple(simple) => self.simple(simple),
            ast::Command::Compound(compound, redirects) => {
                self.compound(compound, redirects.as_ref())
            }
            ast::Command::Function(function) => {
                let ast::FunctionBody(body, redirects) = &function.body;
                self.compound(body, redirects.as_ref());
            }
            ast::Command::ExtendedTest(_, redirects) => self.redirects(redirects.as_ref()),
        }
    }

    fn compound(&mut self, compound: &ast::CompoundCommand, redirects: Option<&ast::RedirectList>) {
        let before = self.cwd.clone();
        match compound {
            ast::CompoundCommand::Arithmetic(_) => {}
            ast::CompoundCommand::ArithmeticForClause(clause) => self.list(&clause.body.list),
            ast::CompoundCommand::BraceGroup(group) => self.list(&group.list),
            ast::CompoundCommand::Subshell(subshell) => {
                self.list(&subshell.list);
                self.cwd = before;
            }
            ast::CompoundCommand::ForClause(clause) => {
                // The first value stands for all: paths of one loop are most often alike.
                let values: Vec<String> = clause
                    .values
                    .iter()
                    .flatten()
                    .map(|value| self.expand(value))
                    .collect();
                if let Some(value) = values.first() {
                    self.variables
                        .insert(clause.variable_name.clone(), value.clone());
                }
                self.list(&clause.body.list);
            }
            ast::CompoundCommand::CaseClause(clause) => {
                for case in &clause.cases {
                    if let Some(list) = &case.cmd {
                        self.list(list);
                    }
                }
            }
            ast::CompoundCommand::IfClause(clause) => {
                self.list(&clause.condition);
                self.list(&clause.then);
                for other in clause.elses.iter().flatten() {
                    if let Some(condition) = &other.condition {
                        self.list(condition);
                    }
                    self.list(&other.body);
                }
            }
            ast::CompoundCommand::WhileClause(clause)
            | ast::CompoundCommand::UntilClause(clause) => {
                self.list(&clause.0);
                self.list(&clause.1.list);
            }
            ast::CompoundCommand::Coprocess(coprocess) => self.command(&coprocess.body),
        }
        self.redirects(redirects);
    }

    /// Redirections of a whole group are those of a program without a name.
    fn redirects(&mut self, redirects: Option<&ast::RedirectList>) {
        let Some(redirects) = redirects else {
            return;
        };
        let mut start = Start {
            cwd: self.cwd.clone(),
            ..Start::default()
        };
        for redirect in &redirects.0 {
            self.redirect(redirect, &mut start);
        }
        self.starts.push(start);
    }

    fn simple(&mut self, simple: &ast::SimpleCommand) {
        let mut start = Start {
            cwd: self.cwd.clone(),
            ..Start::default()
        };
        let prefix = simple.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = simple.suffix.iter().flat_map(|suffix| &suffix.0);
        let mut set = Vec::new();
        for item in prefix {
            match item {
                ast::CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => {
                    if let (
                        ast::AssignmentName::VariableName(name),
                        ast::AssignmentValue::Scalar(value),
                    ) = (&assignment.name, &assignment.value)
                    {
                        let value = self.expand(value);
                        set.push((name.clone(), value));
                    }
                }
                other => self.item(other, &mut start),
            }
        }
        if let Some(name) = &simple.word_or_name {
            let name = self.expand(name);
            start.argv.push(name);
        } else {
            self.variables.extend(set);
        }
        for item in suffix {
            self.item(item, &mut start);
        }
        self.started(start);
    }

    fn item(&mut self, item: &ast::CommandPrefixOrSuffixItem, start: &mut Start) {
        match item {
            ast::CommandPrefixOrSuffixItem::IoRedirect(redirect) => self.redirect(redirect, start),
            ast::CommandPrefixOrSuffixItem::Word(word)
            | ast::CommandPrefixOrSuffixItem::AssignmentWord(_, word) => {
                let word = self.expand(word);
                start.argv.push(word);
            }
            ast::CommandPrefixOrSuffixItem::ProcessSubstitution(_, subshell) => {
                self.list(&subshell.list)
            }
        }
    }

    fn redirect(&mut self, redirect: &ast::IoRedirect, start: &mut Start) {
        match redirect {
            ast::IoRedirect::File(_, kind, target) => {
                let target = match target {
                    ast::IoFileRedirectTarget::Filename(word)
                    | ast::IoFileRedirectTarget::Duplicate(word) => self.expand(word),
                    ast::IoFileRedirectTarget::ProcessSubstitution(_, subshell) => {
                        self.list(&subshell.list);
                        return;
                    }
                    ast::IoFileRedirectTarget::Fd(_) => return,
                };
                match kind {
                    ast::IoFileRedirectKind::Read => start.reads.push(target),
                    ast::IoFileRedirectKind::Write
                    | ast::IoFileRedirectKind::Append
                    | ast::IoFileRedirectKind::ReadAndWrite
                    | ast::IoFileRedirectKind::Clobber => start.writes.push(target),
                    ast::IoFileRedirectKind::DuplicateInput
                    | ast::IoFileRedirectKind::DuplicateOutput => {}
                }
            }
            ast::IoRedirect::HereDocument(_, document) => {
                start.stdin = Some(self.documents.put_back(&document.doc.value));
            }
            ast::IoRedirect::HereString(_, word) => {
                let text = self.expand(word);
                start.stdin = Some(self.documents.put_back(&text));
            }
            ast::IoRedirect::OutputAndError(word, _) => {
                let target = self.expand(word);
                start.writes.push(target);
            }
        }
    }

    /// Notes a program, without its wrappers; follows what runs further commands.
    fn started(&mut self, mut start: Start) {
        unwrap(&mut start.argv);
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
    fn expand(&mut self, word: &ast::Word) -> String {
        let word = words::read(&word.value, &self.variables);
        let before = self.cwd.clone();
        for command in &word.commands {
            self.script(command);
        }
        self.cwd = before;
        word.text
    }
}
