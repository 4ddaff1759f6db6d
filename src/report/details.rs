//! One interaction told in full: its findings, worst first, and the evidence for each, quoted.

use crate::domain::finding::Finding;
use crate::domain::limits;
use crate::domain::row::{Row, State};
use crate::domain::verdict::Judgement;

use super::cause;
use super::evidence::{self, Quoted, Said};
use super::words;
use crate::text::clip::{shorten, tail};
use crate::text::markdown::{code, diff, fence, inline};

/// Characters quoted of one piece of evidence.
const QUOTED_CHARS: usize = 1_200;

/// Characters of a quoted line; what GitHub shows without a scroll bar.
const QUOTED_WIDTH: usize = 100;

/// How much is told of an interaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// A sentence per finding.
    Sentences,
    /// The evidence too.
    Evidence,
}

/// A fold with everything about one interaction, as Markdown that is complete in itself.
pub fn details(row: &Row, depth: Depth, open: bool) -> String {
    let mut body = Vec::new();
    match &row.state {
        State::Judged { judgement } if depth == Depth::Evidence => {
            body.extend(told_cause(row, judgement));
            body.extend(judgement.findings.iter().map(finding));
            body.push(format!(
                "<sub>Dossier {}</sub>",
                code(judgement.dossier.short())
            ));
        }
        State::Judged { judgement } => {
            let list: Vec<String> = judgement
                .findings
                .iter()
                .map(|finding| format!("- {}", sentence(finding)))
                .collect();
            body.push(list.join("\n"));
            body.extend(told_cause(row, judgement));
        }
        _ => body.push(inline(&words::sentence(row))),
    }
    let title = format!("{} <code>{}</code>", words::state(&row.state), row.key);
    let open = if open { " open" } else { "" };
    format!(
        "<details{open}><summary>{title}</summary>\n\n{}\n\n</details>",
        body.join("\n\n")
    )
}

/// The cause, with the way from it to what was found.
fn told_cause(row: &Row, judgement: &Judgement) -> Option<String> {
    let (cause, spec) = (judgement.cause.as_ref()?, row.spec.as_ref()?);
    let mut text = format!("**{}**", inline(&cause::sentence(cause, spec)));
    if cause.chain.len() > 1 {
        let steps = cause.chain.iter().map(|step| {
            let (place, quote) = cause::step(step);
            format!("{} {}", inline(&place), code(quote))
        });
        text.push_str(&format!(
            "\n\n<sub>{}</sub>",
            steps.collect::<Vec<_>>().join(" → ")
        ));
    }
    Some(text)
}

/// One finding without its evidence, in one line.
pub fn sentence(finding: &Finding) -> String {
    let place = evidence::place(finding)
        .map(|place| format!(" ({})", code(&place)))
        .unwrap_or_default();
    let overruled = words::overruled(finding)
        .map(|overruled| format!(" {}", inline(&overruled)))
        .unwrap_or_default();
    format!(
        "**{}** {}{overruled}{place} <sub>{}, {}</sub>",
        words::severity(finding.severity),
        inline(&finding.sentence),
        code(&finding.rule),
        words::confidence(finding.confidence)
    )
}

/// One finding with its evidence.
pub fn finding(finding: &Finding) -> String {
    let mut out = sentence(finding);
    for quoted in evidence::quoted(finding) {
        out.push_str("\n\n");
        out.push_str(&quote(&quoted));
    }
    out
}

/// A piece of evidence with where it comes from.
fn quote(quoted: &Quoted<'_>) -> String {
    let from = format!("{} {}", words::capital(&quoted.from), code(quoted.about));
    let block = match &quoted.said {
        Said::Diff(unified) => diff(unified, limits::DIFF_LINES),
        Said::Head(text) => fence("text", &narrow(&shorten(text, QUOTED_CHARS))),
        Said::Tail(text) => fence("text", &narrow(&tail(text, QUOTED_CHARS))),
        // A diff is the one form in which GitHub sets two texts against each other in colour.
        Said::Pair(claimed, received) => fence(
            "diff",
            &format!(
                "{}\n{}",
                marked("- claimed   ", "-           ", claimed),
                marked("+ received  ", "+           ", received)
            ),
        ),
    };
    format!("{}\n\n{block}", from.trim_end())
}

fn narrow(text: &str) -> String {
    evidence::wrapped(text, QUOTED_WIDTH)
}

fn marked(first: &str, others: &str, text: &str) -> String {
    let text = evidence::wrapped(
        &shorten(text, QUOTED_CHARS),
        QUOTED_WIDTH - first.chars().count(),
    );
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(at, line)| format!("{}{line}", if at == 0 { first } else { others }))
        .collect();
    lines.join("\n")
}
