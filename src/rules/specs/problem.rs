//! One thing that is wrong with a file, for the terminal and for the pull request.

use std::fmt;

use super::tree::At;
use crate::domain::finding::{Confidence, Finding, Place, Severity};

/// Characters of a line that are shown; of a longer one the part around the place.
const SHOWN_CHARS: usize = 120;

/// One thing that is wrong with a spec, an `integration.yaml` or a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, from the repository's root.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// What is wrong; no full stop.
    pub message: String,
    /// The way out; no full stop.
    pub help: Option<String>,
    /// The line itself; absent when it is about the file as a whole.
    pub snippet: Option<Snippet>,
}

/// A line of a file, ready to be shown: control characters are replaced, and of a long line only a part is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The text.
    pub text: String,
    /// Characters before the place that is meant.
    pub caret: usize,
}

impl Snippet {
    fn of(text: &str, at: At) -> Option<Self> {
        let line = text.lines().nth(at.line as usize - 1)?;
        let column = at.column as usize - 1;
        let skipped = if column < SHOWN_CHARS {
            0
        } else {
            column - SHOWN_CHARS / 2
        };
        let shown = line.chars().skip(skipped).take(SHOWN_CHARS);
        Some(Self {
            text: shown.map(printable).collect(),
            caret: column - skipped,
        })
    }
}

/// Terminals act upon control and direction characters, so nobody's file may bring its own.
fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    }
}

impl Problem {
    /// About a place in a text.
    pub(super) fn at(path: &str, text: &str, at: At, message: impl Into<String>) -> Self {
        Self {
            snippet: Snippet::of(text, at),
            line: at.line,
            column: at.column,
            ..Self::of_file(path, message)
        }
    }

    /// About a file as a whole.
    pub(super) fn of_file(path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: 1,
            column: 1,
            message: message.into().chars().map(printable).collect(),
            help: None,
            snippet: None,
        }
    }

    /// The same with the way out.
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into().chars().map(printable).collect()),
            ..self
        }
    }

    /// The problem for the report on a pull request, at its line.
    pub fn finding(&self) -> Finding {
        let help = self.help.as_deref().map(sentence).unwrap_or_default();
        let text = format!("{} {help}", sentence(&self.message));
        Finding {
            rule: "spec-invalid".into(),
            severity: Severity::Block,
            confidence: Confidence::Proven,
            overruled: None,
            place: Place::Repository {
                path: self.path.clone(),
                line: self.line,
            },
            sentence: text.trim_end().to_owned(),
            evidence: Vec::new(),
        }
    }
}

/// With a capital letter and an end.
fn sentence(words: &str) -> String {
    let mut chars = words.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string());
    let end = if words.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{}{}{end}", first.unwrap_or_default(), chars.as_str())
}

impl fmt::Display for Problem {
    /// As compilers do it: the place in a form that editors jump to, the line, a caret, the way out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path: String = self.path.chars().map(printable).collect();
        write!(f, "{path}:{}:{}: {}", self.line, self.column, self.message)?;
        let gutter = " ".repeat(self.line.to_string().len());
        if let Some(snippet) = &self.snippet {
            write!(f, "\n{gutter} |\n{} | {}", self.line, snippet.text)?;
            write!(f, "\n{gutter} | {}^", " ".repeat(snippet.caret))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n{gutter} = {help}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_shows_its_line() {
        let at = At { line: 2, column: 3 };
        let problem = Problem::at("a.yaml", "one\n\tt\u{1b}[31mwo\n", at, "unknown key `two`")
            .help("did you mean `to`?");
        let shown = "a.yaml:2:3: unknown key `two`\n  |\n2 |  t\u{fffd}[31mwo\n  |   ^\n  = did you mean `to`?";
        assert_eq!(problem.to_string(), shown);
        let said = "Unknown key `two`. Did you mean `to`?";
        assert_eq!(problem.finding().sentence, said);
    }

    #[test]
    fn of_a_long_line_the_part_is_shown_that_matters() {
        let text = format!("{}!", "ä".repeat(5000));
        let problem = Problem::at(
            "a",
            &text,
            At {
                line: 1,
                column: 5001,
            },
            "x",
        );
        let snippet = problem.snippet.expect("a snippet");
        assert_eq!(snippet.text.chars().nth(snippet.caret), Some('!'));
        let nowhere = Problem::at("a", "", At { line: 9, column: 9 }, "x");
        assert_eq!(nowhere.snippet, None);
    }
}
