//! What GitHub would show of a Markdown text, by a parser that is not ours: the oracle of the tests for escaping.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};

/// A text, taken apart.
#[derive(Debug, Default)]
pub struct MarkdownReading {
    /// Its words as a reader sees them, without code. Mentions and references are found in these.
    pub text: String,
    /// What is shown as code.
    pub code: Vec<String>,
    /// Raw HTML.
    pub html: Vec<String>,
    /// Where links lead.
    pub links: Vec<String>,
    /// How many images are loaded.
    pub images: usize,
    /// Every other kind of node but paragraphs.
    pub kinds: Vec<&'static str>,
}

impl MarkdownReading {
    /// Reads GitHub's flavour.
    pub fn of(markdown: &str) -> Self {
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.strikethrough = true;
        options.extension.autolink = true;
        options.extension.tasklist = true;
        options.extension.footnotes = true;
        options.extension.math_dollars = true;
        options.extension.math_code = true;
        options.extension.alerts = true;
        let arena = Arena::new();
        let mut shown = Self::default();
        for node in parse_document(&arena, markdown, &options).descendants() {
            match &node.data.borrow().value {
                NodeValue::Text(text) => shown.text.push_str(text),
                NodeValue::SoftBreak | NodeValue::LineBreak => shown.text.push('\n'),
                NodeValue::Code(code) => shown.code.push(code.literal.clone()),
                NodeValue::CodeBlock(block) => shown.code.push(block.literal.clone()),
                NodeValue::HtmlInline(html) => shown.html.push(html.clone()),
                NodeValue::HtmlBlock(block) => shown.html.push(block.literal.clone()),
                NodeValue::Link(link) => shown.links.push(link.url.clone()),
                NodeValue::Image(_) => shown.images += 1,
                NodeValue::Document | NodeValue::Paragraph => {}
                other => shown.kinds.push(other.xml_node_name()),
            }
        }
        shown
    }
}
