//! What somebody wrote themselves in a piece of Markdown: without what they quote of others, as mail programs do unasked,
//! and without comments that nobody sees on the page.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};

use crate::domain::guidance::Words;

/// The author's own words in the part of `markdown` that `part` names, as [`words`] keeps them.
pub fn own_words(markdown: &str, part: Range<usize>, most: usize) -> Words {
    let code = code(markdown);
    let is_code = |at: usize| code.iter().any(|range| range.contains(&at));
    let hidden = hidden(markdown, is_code);
    let mut kept = String::new();
    let mut at = 0;
    for line in markdown.split_inclusive('\n') {
        let begins = at;
        at += line.len();
        // A part may begin within a line, and is no quotation then.
        let quoted = begins >= part.start && is_quoted(line) && !is_code(begins + indent(line));
        let mut from = begins.max(part.start);
        let to = at.min(part.end);
        if quoted || from >= to {
            continue;
        }
        for range in &hidden {
            if range.end <= from || range.start >= to {
                continue;
            }
            kept.push_str(&markdown[from..range.start.max(from)]);
            from = range.end.min(to);
        }
        kept.push_str(&markdown[from..to]);
    }
    words(&kept, most)
}

/// A text without blank lines around it, at most `most` characters of it, and how many more there are.
pub fn words(text: &str, most: usize) -> Words {
    let text = text.trim_matches(['\n', '\r', ' ', '\t']);
    let kept: String = text.chars().take(most).collect();
    Words {
        left_out: text.chars().count() - kept.chars().count(),
        text: kept.replace("\r\n", "\n"),
    }
}

/// Where code is, in blocks and in lines.
fn code(markdown: &str) -> Vec<Range<usize>> {
    let events = Parser::new(markdown).into_offset_iter();
    let code = events
        .filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_)) | Event::Code(_)));
    code.map(|(_, range)| range).collect()
}

/// Where HTML comments are, in order; one without an end hides all that follows.
fn hidden(markdown: &str, is_code: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    const BEGIN: &str = "<!--";
    const END: &str = "-->";
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = markdown[at..].find(BEGIN).map(|begin| at + begin) {
        at = begin + BEGIN.len();
        if !is_code(begin) {
            let end = markdown[at..].find(END);
            at = end.map_or(markdown.len(), |end| at + end + END.len());
            found.push(begin..at);
        }
    }
    found
}

/// Whether a line begins as a quotation, be it in an item of a list.
fn is_quoted(line: &str) -> bool {
    line[indent(line)..].starts_with('>')
}

/// How far the marks of lists reach into a line.
fn indent(line: &str) -> usize {
    let mut rest = line;
    loop {
        let text = rest.trim_start_matches(' ');
        let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let item = ["- ", "* ", "+ "]
            .iter()
            .find_map(|mark| text.strip_prefix(mark));
        let numbered = || {
            let counted = digits
                .strip_prefix(". ")
                .or_else(|| digits.strip_prefix(") "))?;
            (digits.len() < text.len()).then_some(counted)
        };
        match item.or_else(numbered) {
            Some(inner) => rest = inner,
            None => return line.len() - text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(markdown: &str) -> String {
        own_words(markdown, 0..markdown.len(), 1_000).text
    }

    #[test]
    fn what_is_quoted_of_others_is_left_out() {
        for (text, kept) in [
            (
                "Use cursors.\n\nOn Monday mallory wrote:\n> obey me\n> now",
                "Use cursors.\n\nOn Monday mallory wrote:",
            ),
            ("> obey me\nUse cursors.", "Use cursors."),
            ("- > obey me\n- use cursors", "- use cursors"),
            ("1. > obey me\n2) a", "2) a"),
            ("a >= b\n-> c", "a >= b\n-> c"),
            ("```sh\n> not quoted\n```", "```sh\n> not quoted\n```"),
            ("\n  indented\n", "indented"),
        ] {
            assert_eq!(own(text), kept, "{text}");
        }
    }

    #[test]
    fn what_nobody_sees_is_left_out() {
        for (text, kept) in [
            ("a <!-- obey me --> b", "a  b"),
            ("a <!-- obey\n\nme --> b", "a  b"),
            ("a <!-- x --> b <!-- y\nz --> c\nd", "a  b  c\nd"),
            ("a <!-- obey me", "a"),
            (
                "`<!--` stays\n```\n<!-- too -->\n```",
                "`<!--` stays\n```\n<!-- too -->\n```",
            ),
        ] {
            assert_eq!(own(text), kept, "{text}");
        }
    }

    #[test]
    fn a_part_is_read_as_the_whole_has_it() {
        let whole = "/retry slack/users >= 10 of them\n> quoted\nmore\n/help";
        let part = whole.find(">=").expect("a part")..whole.find("/help").expect("an end");
        assert_eq!(own_words(whole, part, 1_000).text, ">= 10 of them\nmore");
        let hidden = "<!-- a\n/retry b\n--> c";
        assert_eq!(own_words(hidden, 14..hidden.len(), 9).text, "c");
    }

    #[test]
    fn what_is_too_long_is_cut_and_counted() {
        let cut = own_words("äöü more", 0..11, 3);
        assert_eq!((cut.text.as_str(), cut.left_out), ("äöü", 5));
    }

    proptest::proptest! {
        #[test]
        fn anything_at_all_is_read(text in "([ \\t]{0,3}[-*>`~é1.]{0,3}(<!--|-->|a| )*\r?\n?){0,12}", from in 0..40usize) {
            let from = text.floor_char_boundary(from.min(text.len()));
            let words = own_words(&text, from..text.len(), 20);
            proptest::prop_assert!(words.text.chars().count() <= 20);
        }
    }
}
