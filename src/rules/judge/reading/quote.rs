//! Pieces of evidence, cut to a size that a person reads. Whatever is quoted stays untrusted text.

use crate::domain::finding::Exhibit;
use crate::domain::limits;
use crate::domain::tape::{Body, Exchange};
use crate::domain::transcript::ToolCall;
use crate::text::clip::shorten;

/// One line, cut.
pub fn line(text: &str) -> String {
    let first = text.lines().next().unwrap_or("");
    shorten(first, limits::LINE_CHARS)
}

/// The first lines of `text`.
pub fn head(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(limits::QUOTE_LINES)
        .map(line)
        .collect();
    shorten(&lines.join("\n"), limits::QUOTE_CHARS)
}

/// The last lines of what a program said.
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = lines.len().saturating_sub(limits::SAID_LINES);
    let lines: Vec<String> = lines[from..].iter().map(|text| line(text)).collect();
    lines.join("\n")
}

/// What a program of the clean room said.
pub fn output(step: &str, said: &str) -> Exhibit {
    Exhibit::Output {
        step: step.to_owned(),
        text: tail(said),
    }
}

/// A tool call of the transcript, quoted by `text`.
pub fn turn(number: u32, call: &ToolCall, text: &str) -> Exhibit {
    Exhibit::Turn {
        number,
        tool: shorten(&call.tool, 40),
        quote: head(text),
    }
}

/// Words of the transcript.
pub fn says(number: u32, text: &str) -> Exhibit {
    Exhibit::Turn {
        number,
        tool: "says".into(),
        quote: head(text),
    }
}

/// A line of the tape.
pub fn wire(exchange: &Exchange) -> Exhibit {
    Exhibit::Wire {
        seq: exchange.seq,
        phase: exchange.phase,
        line: line(&exchange.line()),
        answer: answer(&exchange.response),
    }
}

/// The beginning of an answer.
pub fn answer(body: &Body) -> String {
    match (&body.text, body.bytes) {
        (Some(text), _) => head(text),
        (None, 0) => "(empty)".into(),
        (None, bytes) => format!("({bytes} bytes that are not text)"),
    }
}
