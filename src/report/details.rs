//! One interaction told in full: the verdict, the findings worst first, and the evidence for each, quoted.

use crate::domain::finding::{Exhibit, Finding, Place};
use crate::domain::view::{Row, State};

use super::escape::{code, diff, fence, inline, shorten};
use super::words;

/// Lines quoted from one piece of evidence.
const QUOTED_CHARS: usize = 1_200;

/// A fold with everything about one interaction, as Markdown that is complete in itself.
pub fn details(row: &Row) -> String {
    let mut body = vec![inline(&words::sentence(row))];
    if let State::Judged { judgement } = &row.state {
        body.extend(judgement.findings.iter().map(finding));
    }
    if let Some(dossier) = &row.dossier {
        body.push(format!("Dossier {}", code(dossier.as_str())));
    }
    let title = format!("{} <code>{}</code>", words::state(&row.state), row.key);
    format!(
        "<details><summary>{title}</summary>\n\n{}\n\n</details>",
        body.join("\n\n")
    )
}

/// One finding with its evidence.
pub fn finding(finding: &Finding) -> String {
    let mut out = format!(
        "**{}** {} · {}{}",
        words::severity(finding.severity),
        code(&finding.rule),
        inline(&finding.sentence),
        place(&finding.place)
    );
    for exhibit in &finding.evidence {
        out.push_str("\n\n");
        out.push_str(&quote(exhibit));
    }
    out
}

fn place(place: &Place) -> String {
    match place {
        Place::Repository { path, line } => format!(" ({}, line {line})", code(path)),
        Place::Function { line: Some(line) } => format!(" (function, line {line})"),
        Place::Workspace { path } => format!(" ({})", code(path)),
        Place::Turn { number } => format!(" (turn {number})"),
        Place::Wire { seq } => format!(" (wire {seq})"),
        Place::Function { line: None } | Place::Build => String::new(),
    }
}

/// A piece of evidence with where it comes from.
pub fn quote(exhibit: &Exhibit) -> String {
    match exhibit {
        Exhibit::Diff { path, unified } => {
            format!("Not taken over, {}:\n\n{}", code(path), diff(unified))
        }
        Exhibit::Turn {
            number,
            tool,
            quote,
        } => {
            format!(
                "Transcript, turn {number}, {}:\n\n{}",
                code(tool),
                fence("text", &shorten(quote, QUOTED_CHARS))
            )
        }
        Exhibit::Wire {
            seq,
            phase: _,
            line,
            answer,
        } => {
            let said = if answer.is_empty() {
                line.clone()
            } else {
                format!("{line}\n{answer}")
            };
            format!(
                "On the wire, exchange {seq}:\n\n{}",
                fence("text", &shorten(&said, QUOTED_CHARS))
            )
        }
        Exhibit::Output { step, text } => {
            format!(
                "Clean room, {}:\n\n{}",
                code(step),
                fence("text", &tail(text, QUOTED_CHARS))
            )
        }
        Exhibit::Claimed { claimed, received } => {
            let both = format!(
                "claimed:  {}\nreceived: {}",
                shorten(claimed, QUOTED_CHARS),
                shorten(received, QUOTED_CHARS)
            );
            fence("text", &both)
        }
    }
}

/// The end of a text, where programs say what went wrong.
pub fn tail(text: &str, max: usize) -> String {
    let chars = text.chars().count();
    if chars <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().skip(chars - max + 1).collect();
    format!("…{kept}")
}
