//! Here-documents, taken out of a command before it is parsed and put back afterwards: they hold whole programs in other
//! languages, which a shell's parser need not go through. In their place stand here-strings, because the parser's own
//! reading of here-documents does not come back from some texts.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

/// The bodies that were taken out.
#[derive(Debug, Default)]
pub struct Documents {
    bodies: Vec<String>,
    used: BTreeSet<usize>,
}

static BEGINNING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[^<\\])(<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([A-Za-z_][\w-]*)))"#).ok()
});

impl Documents {
    /// The command with a here-string of a mark in the place of every here-document. One without an end stays as it is.
    pub fn take_out(&mut self, command: &str) -> String {
        let Some(beginning) = BEGINNING.as_ref() else {
            return command.to_owned();
        };
        let lines: Vec<&str> = command.split('\n').collect();
        let mut kept: Vec<String> = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            let from = at;
            let mut line = String::new();
            let mut written = 0;
            at += 1;
            for found in beginning.captures_iter(lines[from]) {
                let tabs = found.get(2).is_some_and(|dash| dash.as_str() == "-");
                let Some(end) = (3..=5).find_map(|group| found.get(group)) else {
                    continue;
                };
                let ends = |line: &&str| {
                    let line = if tabs {
                        line.trim_start_matches('\t')
                    } else {
                        line
                    };
                    line == end.as_str()
                };
                let Some(length) = lines[at..].iter().position(ends) else {
                    continue;
                };
                let body = lines[at..at + length].join("\n");
                if let Some(operator) = found.get(1) {
                    line += &lines[from][written..operator.start()];
                    line += &format!("<<< {}", mark(self.bodies.len()));
                    written = operator.end();
                }
                self.bodies
                    .push(if length == 0 { body } else { body + "\n" });
                at += length + 1;
            }
            line += &lines[from][written..];
            kept.push(line);
        }
        kept.join("\n")
    }

    /// The body that this mark stands for; any other text is its own body.
    pub fn put_back(&mut self, text: &str) -> String {
        let found = (0..self.bodies.len()).find(|number| mark(*number) == text.trim());
        match found {
            Some(number) => {
                self.used.insert(number);
                self.bodies[number].clone()
            }
            None => text.to_owned(),
        }
    }

    /// Whether every body was put back: what only looked like a here-document could hide commands.
    pub fn are_all_used(&self) -> bool {
        self.used.len() >= self.bodies.len()
    }
}

/// Whether a text already holds what looks like a mark of ours.
pub fn has_marks(text: &str) -> bool {
    text.contains("@document-")
}

/// Whether a text may hold the beginning of a here-document: a row of `<` that is neither one redirection nor one
/// here-string. Quoted ones and shifted numbers count as well: what is quoted is for the parser to say.
pub fn are_left(text: &str) -> bool {
    let joined = text.replace("\\\n", "");
    let mut rest = joined.as_str();
    while let Some(at) = rest.find('<') {
        let length = rest[at..].len() - rest[at..].trim_start_matches('<').len();
        if !matches!(length, 1 | 3) || (length == 3 && rest[..at].ends_with('\\')) {
            return true;
        }
        rest = &rest[at + length..];
    }
    false
}

fn mark(number: usize) -> String {
    format!("@document-{number}@")
}
