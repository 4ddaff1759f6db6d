//! Here-documents, taken out of a command before it is parsed and put back afterwards: they hold whole programs in other
//! languages, which a shell's parser need not go through.

use std::sync::LazyLock;

use regex::Regex;

/// The bodies that were taken out.
#[derive(Debug, Default)]
pub struct Documents {
    bodies: Vec<String>,
    used: usize,
}

static BEGINNING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[^<])<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([A-Za-z_][\w-]*))"#).ok()
});

impl Documents {
    /// The command with a mark in the place of every here-document. One without an end stays as it is.
    pub fn take_out(&mut self, command: &str) -> String {
        let Some(beginning) = BEGINNING.as_ref() else {
            return command.to_owned();
        };
        let lines: Vec<&str> = command.split('\n').collect();
        let mut kept: Vec<String> = Vec::new();
        let mut at = 0;
        while at < lines.len() {
            kept.push(lines[at].to_owned());
            let from = at;
            at += 1;
            for found in beginning.captures_iter(lines[from]) {
                let tabs = found.get(1).is_some_and(|dash| dash.as_str() == "-");
                let Some(end) = (2..=4).find_map(|group| found.get(group)) else {
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
                kept.push(mark(self.bodies.len()));
                kept.push(lines[at + length].to_owned());
                self.bodies
                    .push(if length == 0 { body } else { body + "\n" });
                at += length + 1;
            }
        }
        kept.join("\n")
    }

    /// The body that this mark stands for; any other text is its own body.
    pub fn put_back(&mut self, text: &str) -> String {
        let found = (0..self.bodies.len()).find(|number| mark(*number) == text.trim());
        match found {
            Some(number) => {
                self.used += 1;
                self.bodies[number].clone()
            }
            None => text.to_owned(),
        }
    }

    /// Whether every body was put back: what only looked like a here-document could hide commands.
    pub fn are_all_used(&self) -> bool {
        self.used >= self.bodies.len()
    }
}

fn mark(number: usize) -> String {
    format!("@document-{number}@")
}
