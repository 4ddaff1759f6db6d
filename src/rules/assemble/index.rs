//! The project's `index.ts`: lines, some of which import functions.

use std::collections::BTreeSet;

use super::line::{HEADING, Import, Line, Meaning, comment_is_open_after, meaning};

/// An index that is being edited. Lines that are not touched stay as they are, to the byte.
#[derive(Debug)]
pub(super) struct Index {
    original: String,
    lines: Vec<Line>,
    is_touched: bool,
}

impl Index {
    pub(super) fn read(text: &str) -> Self {
        let mut in_comment = false;
        let lines = text
            .strip_suffix('\n')
            .unwrap_or(text)
            .split('\n')
            .filter(|_| !text.is_empty())
            .map(|line| {
                let was_in_comment = in_comment;
                in_comment = comment_is_open_after(line, in_comment);
                Line {
                    text: line.to_owned(),
                    meaning: if was_in_comment {
                        Meaning::Other
                    } else {
                        meaning(line.trim_end())
                    },
                }
            })
            .collect();
        Self {
            original: text.to_owned(),
            lines,
            is_touched: false,
        }
    }

    /// The text: to the byte as it was when nothing was changed, and ending with a newline otherwise.
    pub(super) fn text(&self) -> String {
        if !self.is_touched {
            return self.original.clone();
        }
        let lines = self.lines.iter().map(|line| format!("{}\n", line.text));
        lines.collect()
    }

    /// Whether the import is there as a comment: somebody does not want it.
    pub(super) fn leaves_out(&self, import: &Import) -> bool {
        let left_out = Meaning::LeftOut(import.clone());
        self.lines.iter().any(|line| line.meaning == left_out)
    }

    /// Imports a function, unless it is imported.
    pub(super) fn add(&mut self, import: &Import) {
        if self.position(import).is_some() {
            return;
        }
        let of_block: Vec<(usize, &Import)> = (self.lines.iter().enumerate())
            .filter_map(|(at, line)| match &line.meaning {
                Meaning::Function(other) if other.integration() == import.integration() => {
                    Some((at, other))
                }
                _ => None,
            })
            .collect();
        let before = of_block.iter().find(|(_, other)| *other > import);
        let after = of_block.last().map(|(at, _)| at + 1);
        let at = before
            .map(|(at, _)| self.above_its_comment(*at, import.integration()))
            .or(after)
            .or_else(|| self.after_last_of(import.integration()));
        match at {
            Some(at) => self.insert(at, &[import.line()]),
            None => self.add_block(import),
        }
    }

    /// Takes a function's import out, and with the last one of its integration the block's heading.
    pub(super) fn remove(&mut self, import: &Import) {
        while let Some(at) = self.position(import) {
            self.lines.remove(at);
            self.is_touched = true;
            let mut rest = (self.lines.iter())
                .filter(|line| line.meaning.integration() == Some(import.integration()));
            let is_heading = |line: &Line| matches!(line.meaning, Meaning::Heading(_));
            if rest.all(is_heading) {
                self.drop_heading(import.integration());
            }
        }
    }

    /// Keeps the first of the imports of a function that is imported more than once.
    pub(super) fn drop_duplicates(&mut self, of: &BTreeSet<&str>) {
        let mut seen = BTreeSet::new();
        let before = self.lines.len();
        self.lines.retain(|line| match &line.meaning {
            Meaning::Function(import) if of.contains(import.integration()) => {
                seen.insert(import.clone())
            }
            _ => true,
        });
        self.is_touched |= self.lines.len() != before;
    }

    fn position(&self, import: &Import) -> Option<usize> {
        let meaning = Meaning::Function(import.clone());
        self.lines.iter().position(|line| line.meaning == meaning)
    }

    /// Above a person's comment that stands between this line and another one of the block; a comment at the top of the
    /// block belongs to all of it and stays there.
    fn above_its_comment(&self, at: usize, integration: &str) -> usize {
        let is_comment = |line: &Line| line.meaning == Meaning::Other && !line.is_blank();
        let comments = self.lines[..at].iter().rev().take_while(|l| is_comment(l));
        let top = at - comments.count();
        let above = top.checked_sub(1).map(|above| &self.lines[above].meaning);
        match above {
            Some(Meaning::Function(import)) if import.integration() == integration => top,
            _ => at,
        }
    }

    fn after_last_of(&self, integration: &str) -> Option<usize> {
        self.lines
            .iter()
            .rposition(|line| line.meaning.integration() == Some(integration))
            .map(|at| at + 1)
    }

    /// A new block: before the first block with a later name, if that block begins cleanly, or after the last one.
    /// Headings and blank lines are added unless the index has blocks without them.
    fn add_block(&mut self, import: &Import) {
        let has_blocks = self
            .lines
            .iter()
            .any(|line| line.meaning.integration().is_some());
        let has_headings =
            (self.lines.iter()).any(|line| matches!(line.meaning, Meaning::Heading(_)));
        let is_plain = has_blocks && !has_headings;
        let heading = format!("{HEADING}{}", import.integration());
        let line = import.line();

        let later = self.lines.iter().position(|line| {
            let integration = line.meaning.integration();
            integration.is_some_and(|other| other > import.integration())
        });
        if let Some(at) = later.filter(|at| self.is_clean_start(*at)) {
            if is_plain {
                self.insert(at, &[line]);
            } else {
                self.insert(at, &[heading, line, String::new()]);
            }
            return;
        }
        let last = (self.lines.iter()).rposition(|line| line.meaning.integration().is_some());
        let at = last.map_or(self.lines.len(), |at| at + 1);
        if is_plain {
            self.insert(at, &[line]);
        } else if at == 0 || self.lines[at - 1].is_blank() {
            self.insert(at, &[heading, line]);
        } else {
            self.insert(at, &[String::new(), heading, line]);
        }
    }

    /// Whether nothing that might belong to the line stands directly above it, such as a person's comment.
    fn is_clean_start(&self, at: usize) -> bool {
        at == 0 || {
            let above = &self.lines[at - 1];
            above.is_blank() || above.meaning.integration().is_some()
        }
    }

    fn insert(&mut self, at: usize, texts: &[String]) {
        let ending = match self.lines.first() {
            Some(line) if line.text.ends_with('\r') => "\r",
            _ => "",
        };
        let lines = texts.iter().map(|text| Line {
            text: format!("{text}{ending}"),
            meaning: meaning(text),
        });
        self.lines.splice(at..at, lines);
        self.is_touched = true;
    }

    /// Takes the heading out, and one of the two blank lines that then meet.
    fn drop_heading(&mut self, integration: &str) {
        let heading = Meaning::Heading(integration.to_owned());
        let Some(at) = self.lines.iter().position(|line| line.meaning == heading) else {
            return;
        };
        self.lines.remove(at);
        let blank = |at: Option<usize>| {
            at.and_then(|at| self.lines.get(at))
                .is_some_and(Line::is_blank)
        };
        let above = at.checked_sub(1);
        if blank(Some(at)) && (above.is_none() || blank(above)) {
            self.lines.remove(at);
        } else if at == self.lines.len() && blank(above) {
            self.lines.remove(at - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(path: &str) -> Import {
        Import::of_module(path).expect("a function's path")
    }

    fn after(text: &str, added: &[&str], removed: &[&str]) -> String {
        let mut index = Index::read(text);
        for path in removed {
            index.remove(&import(path));
        }
        for path in added {
            index.add(&import(path));
        }
        index.text()
    }

    #[test]
    fn a_new_index_is_sorted_in_blocks_with_headings() {
        let added = [
            "slack/actions/post",
            "hubspot/actions/b",
            "slack/syncs/users",
            "hubspot/actions/a",
            "slack/actions/add",
        ];
        let expected = "\
// -- Integration: hubspot
import './hubspot/actions/a.js';
import './hubspot/actions/b.js';

// -- Integration: slack
import './slack/syncs/users.js';
import './slack/actions/add.js';
import './slack/actions/post.js';
";
        assert_eq!(after("", &added, &[]), expected);
        let backwards: Vec<&str> = added.iter().rev().copied().collect();
        assert_eq!(after("", &backwards, &[]), expected);
        assert_eq!(after(expected, &added, &[]), expected);
        assert_eq!(after(expected, &[], &added), "");
    }

    #[test]
    fn the_lines_of_people_stay_where_they_are() {
        let text = "\
// Copyright somebody
// the important ones
import \"./slack/actions/post\"
// needs a scope
import './slack/actions/zap.js'; // really
// import './slack/actions/old.js';
import './slack/on-events/gone.js';
/* import './slack/actions/two.js';
import './slack/actions/three.js';
*/
export const answer = 42;";
        let expected = "\
// Copyright somebody
// the important ones
import './slack/syncs/users.js';
import \"./slack/actions/post\"
import './slack/actions/two.js';
// needs a scope
import './slack/actions/zap.js'; // really
// import './slack/actions/old.js';
import './slack/on-events/gone.js';
import './zoom/actions/a.js';
/* import './slack/actions/two.js';
import './slack/actions/three.js';
*/
export const answer = 42;
";
        let added = ["slack/syncs/users", "slack/actions/two", "zoom/actions/a"];
        assert_eq!(after(text, &added, &[]), expected);
        assert_eq!(after(expected, &[], &added), format!("{text}\n"));
        assert!(Index::read(text).leaves_out(&import("slack/actions/old")));
        assert_eq!(
            after(text, &["slack/actions/post"], &["slack/actions/none"]),
            text,
            "nothing to do, not even a newline at the end"
        );
    }

    #[test]
    fn a_block_is_not_put_between_a_comment_and_what_it_is_about() {
        let text = "// all of slack\nimport './slack/actions/a.js';\n\nfoo();\n";
        assert_eq!(
            after(text, &["hubspot/actions/a"], &[]),
            "// all of slack\nimport './slack/actions/a.js';\nimport './hubspot/actions/a.js';\n\nfoo();\n"
        );
    }

    #[test]
    fn line_endings_are_kept() {
        let text = "import './b/actions/a.js';\r\nimport './b/actions/c.js';\r\n";
        assert_eq!(
            after(text, &["b/actions/b"], &["b/actions/c"]),
            "import './b/actions/a.js';\r\nimport './b/actions/b.js';\r\n"
        );
    }

    #[test]
    fn duplicates_go_and_near_misses_are_not_imports() {
        let text = "\
import './a/actions/x.js';
import \"./a/actions/x\";
import './a/actions/x.js'; import './a/actions/y.js';
 import './a/actions/z.js';
import x from './a/actions/w.js';
";
        let mut index = Index::read(text);
        index.drop_duplicates(&["a"].into());
        assert_eq!(
            index.text(),
            "\
import './a/actions/x.js';
import './a/actions/x.js'; import './a/actions/y.js';
 import './a/actions/z.js';
import x from './a/actions/w.js';
"
        );
        for path in ["a/actions/y", "a/actions/z", "a/actions/w"] {
            assert!(index.position(&import(path)).is_none(), "{path}");
        }
    }
}
