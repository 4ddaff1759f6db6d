//! A slash command as somebody wrote it: a line of a comment that begins with `/name`.

use serde::{Deserialize, Serialize};

use crate::domain::limits;

/// One command line of a comment. Which commands there are is in [`crate::slash`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandLine {
    /// The word after the slash, in lower case: letters and hyphens only.
    pub name: String,
    /// The words after it. Untrusted text.
    pub args: Vec<String>,
}

/// The command lines of a comment, in order, at most [`limits::COMMANDS_PER_COMMENT`].
///
/// Markdown that shows a command without meaning it is passed over: fenced and indented code, quotations and HTML
/// comments. In doubt a line is passed over, since a command that did nothing is typed again, and one that was not
/// meant has spent money already.
pub fn lines(comment: &str) -> Vec<CommandLine> {
    let mut place = TextContext::Text;
    let mut found = Vec::new();
    for line in comment.lines() {
        let (next, visible) = place.step(line);
        place = next;
        if visible && let Some(command) = command(line) {
            found.push(command);
            if found.len() == limits::COMMANDS_PER_COMMENT {
                break;
            }
        }
    }
    found
}

/// What the reader is in at the beginning of a line.
#[derive(Debug, Clone, Copy)]
enum TextContext {
    Text,
    /// A fence of this character, at least this long.
    Fence(char, usize),
    /// An HTML comment that has not ended.
    Hidden,
}

impl TextContext {
    /// Where the next line begins, and whether this one is plain text from its beginning.
    fn step(self, line: &str) -> (TextContext, bool) {
        match self {
            TextContext::Fence(mark, length) => {
                let (closing, rest) = run_of(mark, line.trim_start());
                let closes = closing >= length && rest.trim().is_empty();
                (if closes { TextContext::Text } else { self }, false)
            }
            TextContext::Hidden => (after_comments(line, TextContext::Hidden), false),
            TextContext::Text if is_quotation(line) => (TextContext::Text, false),
            TextContext::Text => match fence(line) {
                Some(fence) => (fence, false),
                None => (after_comments(line, TextContext::Text), true),
            },
        }
    }
}

fn is_quotation(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// A fence may also begin behind the marker of a list item.
fn fence(line: &str) -> Option<TextContext> {
    let mut text = line.trim_start();
    while let Some(item) = after_list_marker(text) {
        text = item;
    }
    ['`', '~'].into_iter().find_map(|mark| {
        let (length, rest) = run_of(mark, text);
        // The words behind backticks cannot hold backticks: that is code within a line.
        (length >= 3 && !(mark == '`' && rest.contains('`')))
            .then_some(TextContext::Fence(mark, length))
    })
}

fn after_list_marker(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let marks: &[char] = if rest.len() < text.len() {
        &['.', ')']
    } else {
        &['-', '*', '+']
    };
    let item = rest.strip_prefix(marks)?;
    item.starts_with([' ', '\t']).then(|| item.trim_start())
}

fn run_of(mark: char, text: &str) -> (usize, &str) {
    let rest = text.trim_start_matches(mark);
    (text.len() - rest.len(), rest)
}

fn after_comments(line: &str, mut place: TextContext) -> TextContext {
    let mut rest = line;
    loop {
        let (mark, next) = match place {
            TextContext::Hidden => ("-->", TextContext::Text),
            _ => ("<!--", TextContext::Hidden),
        };
        match rest.split_once(mark) {
            Some((_, behind)) => (rest, place) = (behind, next),
            None => return place,
        }
    }
}

fn command(line: &str) -> Option<CommandLine> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    let mut words = text.strip_prefix('/')?.split_whitespace();
    let name = words.next()?;
    let directly = text[1..].starts_with(name);
    let plain = name.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    (directly && plain).then(|| CommandLine {
        name: name.to_ascii_lowercase(),
        args: words
            .take(limits::COMMAND_WORDS + 1)
            .map(str::to_owned)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(comment: &str) -> Vec<String> {
        lines(comment).into_iter().map(|line| line.name).collect()
    }

    #[test]
    fn a_command_is_a_line_of_its_own() {
        assert_eq!(
            lines("Thanks!\r\n\r\n   /retry  slack/users\tcreate-event\r\nplease"),
            [CommandLine {
                name: "retry".into(),
                args: vec!["slack/users".into(), "create-event".into()],
            }]
        );
        assert_eq!(names("/Retry\n/help"), ["retry", "help"]);
        for prose in [
            "try /retry",
            "/usr/bin/retry",
            "/ retry",
            "//retry",
            "/",
            "/retry.",
            "https://example.com/retry",
            "",
        ] {
            assert!(lines(prose).is_empty(), "{prose}");
        }
    }

    #[test]
    fn markdown_that_only_shows_a_command_is_passed_over() {
        for shown in [
            "```\n/retry\n```",
            "~~~sh\n/retry\n```\n/retry\n~~~",
            "````\n```\n/retry\n````",
            "- ```\n  /retry\n  ```",
            "1. - ~~~\n  /retry",
            "```\n/retry",
            "    /retry",
            "\t/retry",
            "> /retry",
            "> ```\n> /retry",
            "<!-- /retry -->",
            "<!--\n/retry\n-->",
            "words <!-- more\n/retry\n--> and on",
            "<!-- a --> <!-- b\n/retry",
        ] {
            assert!(lines(shown).is_empty(), "{shown}");
        }
        for meant in [
            "```\ncode\n```\n/retry",
            "```code``` in a line\n/retry",
            "<!-- a -->\n/retry",
            "> quoted\n/retry",
            "> ```\n/retry",
            "-->\n/retry",
        ] {
            assert_eq!(names(meant), ["retry"], "{meant}");
        }
    }

    #[test]
    fn a_comment_full_of_commands_is_read_to_the_limit() {
        assert_eq!(
            lines(&"/retry\n".repeat(1000)).len(),
            limits::COMMANDS_PER_COMMENT
        );
        let words = lines(&format!("/retry {}", "a ".repeat(1000)));
        assert_eq!(words[0].args.len(), limits::COMMAND_WORDS + 1);
    }
}
