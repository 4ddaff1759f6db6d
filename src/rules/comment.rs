//! A slash command as somebody wrote it: a line of a comment that begins with `/name`, and what stands below it up to
//! the next one.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use crate::domain::guidance::Words;
use crate::domain::limits;

use super::own_words::own_words;

/// One command line of a comment. Which commands there are is in [`crate::slash`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandLine {
    /// The word after the slash, in lower case: letters and hyphens only.
    pub name: String,
    /// What follows on the line. Untrusted text.
    pub line: String,
    /// The author's own words below it, up to the next command. Untrusted text.
    pub below: Words,
}

/// The command lines of a comment, in order, at most [`limits::COMMANDS_PER_COMMENT`].
///
/// A command begins a line of plain text. Markdown that shows a command without meaning it is passed over: code,
/// quotations, HTML and its comments, addresses of links. In doubt a line is passed over, since a command that did nothing
/// is typed again, and one that was not meant has spent money already.
pub fn lines(comment: &str) -> Vec<CommandLine> {
    let texts = text_starts(comment);
    let mut offset = 0;
    // Where each line begins, where the rest of it, where the next line; and the command's name. The one behind the last that counts ends that one's words.
    let mut found = Vec::new();
    for line in comment.split_inclusive('\n') {
        let (from, begins) = (
            offset,
            offset + line.len() - line.trim_start_matches(' ').len(),
        );
        offset += line.len();
        if texts.contains(&begins)
            && let Some((name, rest)) = command(line)
        {
            found.push((from, offset - rest, offset, name));
            if found.len() > limits::COMMANDS_PER_COMMENT {
                break;
            }
        }
    }
    let ends: Vec<usize> = found.iter().skip(1).map(|(from, ..)| *from).collect();
    let ends = ends.into_iter().chain([comment.len()]);
    let commands = found.into_iter().zip(ends);
    commands
        .take(limits::COMMANDS_PER_COMMENT)
        .map(|((_, rest, below, name), end)| CommandLine {
            name,
            line: own_words(comment, rest..below, usize::MAX).text,
            below: own_words(comment, below..end, limits::HINT_CHARS),
        })
        .collect()
}

/// Where plain text begins, as offsets into `markdown`: at the beginning of a line or behind something else.
fn text_starts(markdown: &str) -> BTreeSet<usize> {
    let mut starts = BTreeSet::new();
    let mut in_code = false;
    // The words of a link or a picture are what it is called.
    let mut links = 0;
    let mut hidden = Hidden::No;
    for (event, range) in Parser::new(markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => links += 1,
            Event::End(TagEnd::Link | TagEnd::Image) => links -= 1,
            Event::Html(html) | Event::InlineHtml(html) => hidden = hidden.after(&html),
            Event::Text(text) if hidden == Hidden::Yes => hidden = hidden.after(&text),
            Event::Text(_) if !in_code && links == 0 => {
                starts.insert(range.start);
            }
            _ => {}
        }
    }
    starts
}

/// Whether an HTML comment has begun and not ended. To Markdown a block of HTML may end in the middle of one; to whoever
/// looks at the page it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hidden {
    Yes,
    No,
}

impl Hidden {
    fn after(self, text: &str) -> Self {
        match (text.rfind("<!--"), text.rfind("-->")) {
            (Some(begins), Some(ends)) if begins > ends => Hidden::Yes,
            (_, Some(_)) => Hidden::No,
            (Some(_), None) => Hidden::Yes,
            (None, None) => self,
        }
    }
}

/// The name of the command that a line is, and how many bytes follow it.
fn command(line: &str) -> Option<(String, usize)> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    let text = text.strip_prefix('/')?;
    let name = text.split_whitespace().next()?;
    let rest = text.strip_prefix(name)?;
    // Written as the end of a sentence.
    let name = name.trim_end_matches(['.', ',', '!', ':']);
    let plain = name.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    (plain && !name.is_empty()).then(|| (name.to_ascii_lowercase(), rest.len()))
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
                line: "slack/users\tcreate-event".into(),
                below: Words {
                    text: "please".into(),
                    left_out: 0
                },
            }]
        );
        assert_eq!(names("/Retry\n/help"), ["retry", "help"]);
        assert_eq!(
            names("/retry.\n/help!\n/retry: again"),
            ["retry", "help", "retry"]
        );
        for prose in [
            "try /retry",
            "/usr/bin/retry",
            "/ retry",
            "//retry",
            "/",
            "/retry.sh",
            "/retry?",
            "/.",
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
            "1. - ~~~\n     /retry",
            "```\n/retry",
            "    /retry",
            "\t/retry",
            "> /retry",
            "> ```\n> /retry",
            "<!-- /retry -->",
            "<!--\n/retry\n-->",
            "words <!-- more\n/retry\n--> and on",
            "<!-- a --> <!-- b\n/retry",
            // Containers within containers, also such that Markdown lets end late.
            "- a\n\n      /retry",
            "- > - ```\n  >   /retry",
            "> - quoted\n> /retry",
            "1. a\n   - b\n\n         /retry",
            "<details>\n/retry\n</details>",
            "<div>\n\n```\n/retry\n```\n</div>",
            // The address of a reference, on a line of its own.
            "[a]:\n/retry",
            "`code\n/retry`",
            "[a\n/retry](https://example.com)",
            "![a\n/retry](https://example.com/a.png)",
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
            "- a\n- b\n\n/retry",
            "- a\n  /retry",
            "# Title\n/retry",
            "/retry\n---\nsent from a phone",
            "<details>\n\n/retry\n\n</details>",
            "[a]: https://example.com\n/retry",
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
        let last = lines(&"/retry\nwords\n".repeat(1000)).pop();
        assert_eq!(last.map(|line| line.below.text).as_deref(), Some("words"));
        let cut = lines(&format!("/retry\n{}", "a".repeat(limits::HINT_CHARS + 7)));
        assert_eq!(cut[0].below.left_out, 7);
    }

    #[test]
    fn words_belong_to_the_command_above_them() {
        let found =
            lines("Before.\n/retry a b\nOne.\n\n```\n/help\n```\n> quoted\n/lgtm\nTwo.\n/retry\n");
        let told: Vec<_> = found
            .iter()
            .map(|line| {
                (
                    line.name.as_str(),
                    line.line.as_str(),
                    line.below.text.as_str(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("retry", "a b", "One.\n\n```\n/help\n```"),
                ("lgtm", "", "Two."),
                ("retry", "", ""),
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn anything_at_all_is_a_comment(comment in "([ \\t]{0,5}([-*>#`~!<\\[\\]/]{0,4}|retry|-->|é| )*\r?\n){0,12}") {
            let most = comment.matches("/retry").count();
            proptest::prop_assert!(names(&comment).iter().filter(|name| *name == "retry").count() <= most);
        }
    }
}
