//! Shell commands of a transcript, taken apart with a shell's own grammar: [`commands`].
//!
//! A command becomes the programs that it starts, through pipes, lists, subshells, loops, functions, `$(…)`, `bash -c`,
//! `eval` and wrappers such as `env` or `timeout`; with the files that are redirected, the text that is fed in, and
//! variables filled in where the same command sets them. What cannot be taken apart (too long, too deep, not shell) is
//! [`Reading::Opaque`]: rules then say nothing rather than guess.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use brush_parser::ast;
use brush_parser::word::{self, Parameter, ParameterExpr, WordPiece, WordPieceWithSource};
use brush_parser::{Parser, ParserOptions};

use crate::domain::dossier::Dossier;
use crate::domain::limits;
use crate::domain::transcript::ToolCall;

/// One program that a command starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// The program's name without its folder, wrappers taken off, and its arguments.
    pub argv: Vec<String>,
    /// Files that its output is redirected to.
    pub writes: Vec<String>,
    /// Files that its input is redirected from.
    pub reads: Vec<String>,
    /// A here-document or here-string.
    pub stdin: Option<String>,
    /// The folder it starts in, as far as `cd` in the same command tells; empty for where the command starts.
    pub cwd: String,
}

impl Start {
    /// The program's name; empty for a bare redirection.
    pub fn program(&self) -> &str {
        self.argv.first().map_or("", String::as_str)
    }
    /// Its arguments.
    pub fn args(&self) -> &[String] {
        self.argv.get(1..).unwrap_or(&[])
    }
    /// Arguments that are not options.
    pub fn operands(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.args()
            .iter()
            .map(String::as_str)
            .filter(|arg| !arg.starts_with('-'))
    }
}

/// A command, taken apart or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// What it starts, in the order of the text.
    Starts(Vec<Start>),
    /// It could not be taken apart.
    Opaque,
}

/// A shell command of the transcript.
#[derive(Debug, Clone)]
pub struct Command<'a> {
    /// The turn.
    pub turn: u32,
    /// The call.
    pub call: &'a ToolCall,
    /// As it was typed.
    pub text: &'a str,
    /// What it starts.
    pub reading: Reading,
}

impl Command<'_> {
    /// What it starts; nothing when opaque.
    pub fn starts(&self) -> &[Start] {
        match &self.reading {
            Reading::Starts(starts) => starts,
            Reading::Opaque => &[],
        }
    }
}

/// The shell commands of a transcript, in order.
pub fn commands(dossier: &Dossier) -> Vec<Command<'_>> {
    dossier
        .transcript
        .tool_calls()
        .filter(|(_, call)| matches!(call.tool.as_str(), "bash" | "shell"))
        .filter_map(|(turn, call)| Some((turn, call, call.input.get("command")?.as_str()?)))
        .take(limits::COMMANDS)
        .map(|(turn, call, text)| {
            let cwd = ["workdir", "cwd"]
                .iter()
                .find_map(|name| call.input.get(*name)?.as_str())
                .unwrap_or("");
            Command {
                turn,
                call,
                text,
                reading: read(text, cwd),
            }
        })
        .collect()
}

/// Takes one command apart. `cwd` is where it starts.
pub fn read(command: &str, cwd: &str) -> Reading {
    let mut walker = Walker {
        options: ParserOptions::default(),
        variables: BTreeMap::new(),
        cwd: cwd.to_owned(),
        starts: Vec::new(),
        depth: 0,
    };
    match walker.script(command) {
        Some(()) => Reading::Starts(walker.starts),
        None => Reading::Opaque,
    }
}

/// Whether the text can be given to the parser, which goes as deep as its input does.
fn is_shallow(text: &str) -> bool {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for c in text.chars() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let compound = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| {
            matches!(
                *word,
                "if" | "while" | "until" | "for" | "case" | "coproc" | "select"
            )
        })
        .count();
    let bangs = text.matches("! ").count() + text.matches('`').count() / 2;
    deepest <= limits::COMMAND_NESTING
        && compound <= 10 * limits::COMMAND_NESTING
        && bangs <= 10 * limits::COMMAND_NESTING
}

struct Walker {
    options: ParserOptions,
    variables: BTreeMap<String, String>,
    cwd: String,
    starts: Vec<Start>,
    depth: usize,
}

/// How deep commands within commands (`bash -c`, `$(…)`) are followed.
const SCRIPT_DEPTH: usize = 4;

impl Walker {
    fn script(&mut self, text: &str) -> Option<()> {
        if text.len() > limits::COMMAND_BYTES || self.depth > SCRIPT_DEPTH || !is_shallow(text) {
            return None;
        }
        // The parser is other people's code and the text is the agent's: a panic in it must not end the judging.
        let program = catch_unwind(AssertUnwindSafe(|| {
            Parser::new(text.as_bytes(), &self.options).parse_program()
        }))
        .ok()?
        .ok()?;
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
                start.stdin = Some(document.doc.value.clone());
            }
            ast::IoRedirect::HereString(_, word) => start.stdin = Some(self.expand(word)),
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
                    self.cwd = super::place::join(&self.cwd, folder);
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

    /// The text of a word with quotes taken off and known variables filled in; unknown ones stay as `$NAME`.
    fn expand(&mut self, word: &ast::Word) -> String {
        let pieces = catch_unwind(AssertUnwindSafe(|| word::parse(&word.value, &self.options)));
        match pieces {
            Ok(Ok(pieces)) => {
                let mut text = String::new();
                self.pieces(&pieces, &mut text);
                text
            }
            _ => word.value.clone(),
        }
    }

    fn pieces(&mut self, pieces: &[WordPieceWithSource], text: &mut String) {
        for piece in pieces {
            match &piece.piece {
                WordPiece::Text(plain)
                | WordPiece::SingleQuotedText(plain)
                | WordPiece::AnsiCQuotedText(plain) => {
                    text.push_str(plain);
                }
                WordPiece::DoubleQuotedSequence(inner)
                | WordPiece::GettextDoubleQuotedSequence(inner) => {
                    self.pieces(inner, text);
                }
                WordPiece::TildeExpansion(_) => text.push('~'),
                WordPiece::ParameterExpansion(parameter) => {
                    text.push_str(&self.parameter(parameter))
                }
                WordPiece::CommandSubstitution(script)
                | WordPiece::BackquotedCommandSubstitution(script) => {
                    let before = self.cwd.clone();
                    self.script(script);
                    self.cwd = before;
                    text.push_str("$()");
                }
                WordPiece::EscapeSequence(escape) => {
                    text.push_str(escape.strip_prefix('\\').unwrap_or(escape));
                }
                WordPiece::ArithmeticExpression(_) => text.push_str("$(())"),
            }
        }
    }

    fn parameter(&self, expression: &ParameterExpr) -> String {
        let (ParameterExpr::Parameter { parameter, .. }
        | ParameterExpr::UseDefaultValues { parameter, .. }
        | ParameterExpr::AssignDefaultValues { parameter, .. }) = expression
        else {
            return "$?".into();
        };
        match parameter {
            Parameter::Named(name) => match self.variables.get(name) {
                Some(value) => value.clone(),
                None if name == "HOME" => "~".into(),
                None if name == "PWD" => ".".into(),
                None => format!("${name}"),
            },
            _ => "$?".into(),
        }
    }
}

/// Takes wrappers off (`env A=b`, `timeout 60`, `npx --yes`), and folders off the program's name.
fn unwrap(argv: &mut Vec<String>) {
    for _ in 0..8 {
        let Some(first) = argv.first_mut() else {
            return;
        };
        if let Some((_, name)) = first.rsplit_once('/') {
            *first = name.to_owned();
        }
        let (name, second) = (argv[0].clone(), argv.get(1).map_or("", String::as_str));
        // Options of the wrapper that take a value, which must not be mistaken for the program.
        let with_value: &[&str] = match (name.as_str(), second) {
            ("env", _) => &["-u", "-C"],
            ("sudo", _) => &["-u", "-g"],
            ("nice", _) => &["-n"],
            ("timeout", _) => &["-k", "-s"],
            ("stdbuf", _) => &["-o", "-e", "-i"],
            ("npx" | "bunx", _) => &["-p", "--package"],
            ("xargs", _) => &["-n", "-I", "-P", "-L", "-d"],
            ("command", "-v" | "-V") => return,
            ("time" | "nohup" | "command" | "exec" | "builtin" | "setsid", _) => &[],
            ("pnpm" | "yarn" | "npm", "exec" | "x" | "dlx") => {
                argv.remove(0);
                &["-p", "--package"]
            }
            // `yarn nango …` and `pnpm nango …` start the program of that name.
            ("pnpm" | "yarn", "nango" | "vitest") => &[],
            ("node", script) => {
                if let Some(cli) = cli_of(script) {
                    argv.remove(0);
                    argv[0] = cli.to_owned();
                }
                return;
            }
            _ => return,
        };
        argv.remove(0);
        while let Some(arg) = argv.first() {
            let takes_value = with_value.contains(&arg.as_str());
            let is_setting = name == "env" && arg.contains('=');
            let is_duration = name == "timeout" && arg.starts_with(|c: char| c.is_ascii_digit());
            if !arg.starts_with('-') && !is_setting && !is_duration {
                break;
            }
            argv.remove(0);
            if takes_value && !argv.is_empty() {
                argv.remove(0);
            }
        }
    }
}

/// The tool whose entry script this is, when Node is started with it.
fn cli_of(script: &str) -> Option<&'static str> {
    if script.ends_with("nango/dist/index.js") || script.ends_with(".bin/nango") {
        Some("nango")
    } else if script.contains("vitest/") && script.ends_with(".mjs")
        || script.ends_with(".bin/vitest")
    {
        Some("vitest")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(command: &str) -> Vec<Start> {
        match read(command, "") {
            Reading::Starts(starts) => starts,
            Reading::Opaque => unreachable!("{command} can be taken apart"),
        }
    }

    fn argvs(command: &str) -> Vec<String> {
        starts(command)
            .iter()
            .map(|start| start.argv.join(" "))
            .collect()
    }

    #[test]
    fn lists_pipes_groups_and_wrappers_are_taken_apart() {
        assert_eq!(
            argvs(
                "cd a && (X=1 timeout -k 5 60 npx --yes nango dryrun f c -e dev | tail -3); exit 0"
            ),
            ["cd a", "nango dryrun f c -e dev", "tail -3", "exit 0"]
        );
        assert_eq!(
            argvs("if ./node_modules/.bin/nango compile; then for f in a b; do cat $f; done; fi"),
            ["nango compile", "cat a"]
        );
        assert_eq!(
            argvs("bash -lc 'echo \"a b\" | wc'"),
            ["echo a b", "wc", "bash -lc echo \"a b\" | wc"]
        );
        assert_eq!(argvs("echo $(cat secret)"), ["cat secret", "echo $()"]);
        assert_eq!(
            argvs("node node_modules/vitest/vitest.mjs run"),
            ["vitest run"]
        );
    }

    #[test]
    fn redirections_documents_and_variables_are_seen() {
        let found = starts("F=x.test.json; cat > \"$F\" <<'EOF'\n{\"a\": (1}\nEOF\n");
        assert_eq!(found[0].writes, ["x.test.json"]);
        assert_eq!(found[0].stdin.as_deref(), Some("{\"a\": (1}\n"));
        assert_eq!(starts("{ echo a; echo b; } >> out")[2].writes, ["out"]);
        assert_eq!(starts("cmd &> all 2>&1")[0].writes, ["all"]);
        assert_eq!(starts("echo 'x' | node -")[1].stdin.as_deref(), Some("x"));
        assert_eq!(starts("cd a/b && cat ../c")[1].cwd, "a/b");
    }

    #[test]
    fn what_is_not_shell_or_too_deep_is_opaque() {
        for text in [
            "if then",
            "echo 'open",
            &"(".repeat(500),
            &"$(".repeat(60),
            &"! ".repeat(20_000),
            &"x".repeat(limits::COMMAND_BYTES + 1),
        ] {
            assert_eq!(
                read(text, ""),
                Reading::Opaque,
                "{}",
                &text[..text.len().min(40)]
            );
        }
    }

    #[test]
    fn nesting_up_to_the_limit_is_quick() {
        let depth = limits::COMMAND_NESTING;
        for (open, close) in [
            ("(", ")"),
            ("{ ", "; }"),
            ("$(", ")"),
            ("((", "))"),
            ("if ", "; fi"),
        ] {
            let text = format!("{}true{}", open.repeat(depth), close.repeat(depth));
            read(&text, "");
        }
    }
}
