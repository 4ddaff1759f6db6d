//! What agents, authors and APIs wrote, made harmless for GitHub's Markdown. Untrusted text reaches a comment only
//! through here: it cannot mention people, close issues, load images, forge our markers or break out of a fence.

use super::clip::shorten;

/// A character that shows nothing and keeps GitHub from seeing `@name`, `#12` or a link. Renovate uses it likewise.
const BREAK: char = '\u{200B}';

/// Characters shown of one line of a diff: a minified file is one line.
const DIFF_LINE_CHARS: usize = 300;

/// Untrusted text within a sentence: one line, no HTML, no mentions, no references, no links, and no Markdown but code in
/// single backticks, as our own sentences have it.
pub fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        words(&mut out, before);
        // Runs of backticks are another kind of code, and what is empty is none.
        let behind = after.trim_start_matches('`');
        let more = after.len() - behind.len();
        match after.split_once('`') {
            Some((inside, behind))
                if more == 0 && !behind.starts_with('`') && !code(inside).is_empty() =>
            {
                out.push_str(&code(inside));
                rest = behind;
            }
            _ => {
                out.push_str(&"\\`".repeat(1 + more));
                rest = behind;
            }
        }
    }
    words(&mut out, rest);
    out.trim().to_owned()
}

/// Words with nothing else in them.
fn words(out: &mut String, text: &str) {
    let mut before = out.chars().next_back().unwrap_or(' ');
    for c in text.chars() {
        match c {
            '@' | '#' => {
                out.push(c);
                out.push(BREAK);
            }
            // `://` and `www.` make links by themselves.
            '/' | '.' if matches!((before, c), ('/', '/') | ('w' | 'W', '.')) => {
                out.push(BREAK);
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_whitespace() => {
                if !before.is_whitespace() {
                    out.push(' ');
                }
            }
            c if hidden(c) => {}
            c => out.push(c),
        }
        before = c;
    }
}

/// Untrusted text as inline code. Safe in a table cell too.
pub fn code(text: &str) -> String {
    let flat: String = text
        .chars()
        .filter(|c| !hidden(*c) || c.is_whitespace())
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let flat = flat.trim();
    if flat.is_empty() {
        return String::new();
    }
    let ticks = "`".repeat(longest_run(flat, '`') + 1);
    // A pipe ends a table cell even inside code; GitHub takes the backslash away again only in tables, so elsewhere
    // one is shown, which is the lesser harm.
    let flat = flat.replace('|', "\\|");
    let pad = if flat.starts_with('`') || flat.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{flat}{pad}{ticks}")
}

/// Untrusted text as a fenced block whose fence is longer than any inside.
pub fn fence(language: &str, text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|c| !hidden(*c) || matches!(c, '\n' | '\t'))
        .collect();
    let ticks = "`".repeat(longest_run(&text, '`').max(2) + 1);
    format!(
        "{ticks}{language}\n{}\n{ticks}",
        text.trim_end_matches('\n')
    )
}

/// The first `most` lines of a diff, and how many were left out.
pub fn diff(unified: &str, most: usize) -> String {
    let all: Vec<&str> = unified.lines().collect();
    let shown = all.len().min(most);
    let lines: Vec<String> = all[..shown]
        .iter()
        .map(|line| shorten(line, DIFF_LINE_CHARS))
        .collect();
    let mut block = fence("diff", &lines.join("\n"));
    if shown < all.len() {
        block.push_str(&format!(
            "\n\n{} more lines are in the dossier.",
            all.len() - shown
        ));
    }
    block
}

/// Blocks of Markdown that are joined up to a length. What does not fit is left out whole and a last line says so:
/// a cut never leaves a fence or a fold open.
#[derive(Debug, Default)]
pub struct Blocks {
    parts: Vec<String>,
}

impl Blocks {
    /// Adds a block of Markdown that is complete in itself.
    pub fn push(&mut self, block: impl Into<String>) {
        self.parts.push(block.into());
    }

    /// Joins them with blank lines; blocks that would go beyond `max` characters are left out.
    pub fn join(self, max: usize) -> String {
        let note = "*The rest did not fit here; the dossiers and the page of the run have it.*";
        let budget = max.saturating_sub(note.chars().count() + 4);
        let mut out = String::new();
        let mut used = 0;
        let mut left_out = false;
        for part in self.parts.iter().filter(|part| !part.is_empty()) {
            let chars = part.chars().count() + 2;
            if used + chars > budget {
                left_out = true;
                continue;
            }
            if !out.is_empty() {
                out.push_str("\n\n");
            }
            out.push_str(part);
            used += chars;
        }
        if left_out {
            out.push_str("\n\n");
            out.push_str(note);
        }
        out
    }
}

/// Untrusted text for a terminal: no control sequences, no hidden characters, lines kept.
pub fn terminal(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, '\n' | '\t') || !hidden(*c))
        .collect()
}

/// Control characters, direction overrides, zero-width characters and tags: what makes text look other than it is.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

fn longest_run(text: &str, wanted: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::markdown_reading::MarkdownReading;

    /// Signs that mean something to Markdown, HTML or GitHub, and a few letters between them.
    const HOSTILE: &str = "([ -~äß\u{200B}\u{202E}\n\t]|@team|#12|https://evil|www\\.evil\\.de|a@b\\.de|<img src=x>|<!--|```|~~~|\\$\\$|\\[x\\]\\(y\\)|&lt;|&#64;|\\\\|`|\\||\\*|_){0,14}";

    #[test]
    fn a_sentence_cannot_mention_close_or_load() {
        let out = inline("@team fixes #12 ![x](https://evil/?leak) <img src=x> `code` \u{202E}txt");
        for bad in ["@team", "#12", "://evil", "<img", "![", "\u{202E}"] {
            assert!(!out.contains(bad), "{bad} in {out}");
        }
    }

    #[test]
    fn code_in_a_sentence_is_shown_as_code() {
        let said =
            inline("Comment `/retry @x` or `|`, \u{60}\u{60}not this\u{60}\u{60}, ` nor this.");
        let shown = MarkdownReading::of(&said);
        assert_eq!(shown.code, ["/retry @x", "\\|"], "{said}");
        assert_eq!(
            shown.text, "Comment  or , ``not this``, ` nor this.",
            "{said}"
        );
    }

    /// Wherever a sentence stands, a parser that is not ours finds words in it and nothing else.
    fn is_only_words(markdown: &str, kinds: &[&str]) {
        let shown = MarkdownReading::of(markdown);
        let acts = |sign: char, of: fn(char) -> bool| {
            let chars: Vec<char> = shown.text.chars().collect();
            chars.windows(2).any(|pair| pair[0] == sign && of(pair[1]))
        };
        assert!(!acts('@', char::is_alphanumeric), "{markdown:?}");
        assert!(!acts('#', char::is_numeric), "{markdown:?}");
        assert!(!shown.text.contains("://"), "{markdown:?}");
        let other = (shown.html, shown.links, shown.images);
        assert_eq!(other, (vec![], vec![], 0), "{markdown:?}");
        assert_eq!(shown.kinds, kinds, "{markdown:?}");
    }

    proptest! {
        #[test]
        fn a_sentence_is_only_words(text in HOSTILE) {
            let text = inline(&text);
            let whole = format!("It says: {text} (end)");
            is_only_words(&whole, &[]);
            // Code in it swallows nothing around it.
            let shown = MarkdownReading::of(&whole).text;
            prop_assert!(shown.starts_with("It says:") && shown.ends_with("(end)"), "{whole:?}");
            is_only_words(&format!("- It says: {text}"), &["list", "item"]);
            let table = ["table", "table_row", "table_cell", "table_cell", "table_row", "table_cell", "table_cell"];
            is_only_words(&format!("| a | b |\n|---|---|\n| x {text} | y |"), &table);
        }

        #[test]
        fn code_is_one_piece_of_code(text in HOSTILE) {
            let code = code(&text);
            if !code.is_empty() {
                let shown = MarkdownReading::of(&format!("It is {code} there"));
                assert_eq!(shown.code.len(), 1, "{code:?}");
                assert_eq!(shown.text, "It is  there", "{code:?}");
                let shown = MarkdownReading::of(&format!("| a | b |\n|---|---|\n| {code} | y |"));
                assert_eq!((shown.code.len(), shown.text.as_str()), (1, "aby"), "{code:?}");
            }
        }

        #[test]
        fn a_fence_holds_all_of_it(text in HOSTILE) {
            let shown = MarkdownReading::of(&format!("{}\n\nend", fence("text", &text)));
            assert_eq!((shown.code.len(), shown.text.as_str()), (1, "end"), "{text:?}");
        }
    }

    #[test]
    fn a_fence_is_longer_than_any_inside() {
        let out = fence("text", "a\n````\nb");
        assert!(
            out.starts_with("`````text\n") && out.ends_with("\n`````"),
            "{out}"
        );
    }

    #[test]
    fn code_survives_backticks_and_tables() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("a\nb"), "`a b`");
    }

    #[test]
    fn blocks_are_left_out_whole() {
        let mut blocks = Blocks::default();
        blocks.push("first");
        blocks.push(fence("", &"x\n".repeat(500)));
        blocks.push("last");
        let out = blocks.join(200);
        assert!(out.starts_with("first\n\nlast\n\n*The rest"), "{out}");
        assert!(out.chars().count() <= 200);
    }
}
