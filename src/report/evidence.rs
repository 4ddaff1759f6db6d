//! A finding's evidence, ready to be quoted: where each piece comes from, what it says, and nothing twice.

use crate::domain::finding::{Exhibit, Finding, Place};

/// One quotation. Its text is untrusted; whoever shows it escapes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quoted<'a> {
    /// Where it comes from, as trusted words.
    pub from: String,
    /// The tool, path or step that it is about; untrusted.
    pub about: &'a str,
    /// What it says.
    pub said: Said<'a>,
}

/// The forms of a quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said<'a> {
    /// A unified diff.
    Diff(&'a str),
    /// Lines of text; of what does not fit, the beginning is shown.
    Head(String),
    /// Lines of text; of what does not fit, the end is shown, where programs say what went wrong.
    Tail(&'a str),
    /// What was claimed, and what was so: to be shown side by side.
    Pair(&'a str, &'a str),
}

/// The evidence of a finding in the order in which a person should read it. An exchange that a pair quotes already
/// is not quoted again: its number goes to the pair.
pub fn quoted(finding: &Finding) -> Vec<Quoted<'_>> {
    let mut out: Vec<Quoted<'_>> = Vec::new();
    for exhibit in &finding.evidence {
        if let Exhibit::Wire { seq, line, .. } = exhibit
            && let Some(pair) = out.iter_mut().find(|one| says_already(&one.said, line))
        {
            pair.from = format!("claimed, and received in exchange {seq}");
            continue;
        }
        out.push(one(exhibit));
    }
    out
}

fn says_already(said: &Said<'_>, line: &str) -> bool {
    matches!(said, Said::Pair(_, received) if received.lines().next() == Some(line))
}

fn one(exhibit: &Exhibit) -> Quoted<'_> {
    let (from, about, said) = match exhibit {
        Exhibit::Diff { path, unified } => (
            "changed by the agent, not taken over:".to_owned(),
            path.as_str(),
            Said::Diff(unified),
        ),
        Exhibit::Turn {
            number,
            tool,
            quote,
        } => (
            format!("transcript, turn {number}:"),
            tool.as_str(),
            Said::Head(quote.clone()),
        ),
        Exhibit::Wire {
            seq, line, answer, ..
        } => (
            format!("on the wire, exchange {seq}"),
            "",
            Said::Head(format!("{line}\n{answer}")),
        ),
        Exhibit::Output { step, text } => {
            ("clean room:".to_owned(), step.as_str(), Said::Tail(text))
        }
        Exhibit::Claimed { claimed, received } => (
            "claimed and received".to_owned(),
            "",
            Said::Pair(claimed, received),
        ),
    };
    Quoted { from, about, said }
}

/// Where a finding points, unless its evidence or its sentence says so already.
pub fn place(finding: &Finding) -> Option<String> {
    let shows = |wanted: &dyn Fn(&Exhibit) -> bool| finding.evidence.iter().any(wanted);
    match &finding.place {
        Place::Repository { path, line } => Some(format!("{path}:{line}")),
        Place::Function { line: Some(line) } => Some(format!("line {line} of the function")),
        Place::Workspace { path } => {
            let quoted = shows(&|one| matches!(one, Exhibit::Diff { path: of, .. } if of == path));
            (!quoted).then(|| path.clone())
        }
        Place::Turn { number } => {
            let quoted =
                shows(&|one| matches!(one, Exhibit::Turn { number: of, .. } if of == number));
            (!quoted).then(|| format!("turn {number}"))
        }
        Place::Wire { seq } => {
            let quoted = shows(&|one| matches!(one, Exhibit::Wire { seq: of, .. } if of == seq));
            (!quoted).then(|| format!("exchange {seq} on the wire"))
        }
        Place::Function { line: None } | Place::Build => None,
    }
}

/// Breaks lines that are wider than `width` characters, after a comma or a space where there is one. The parts of a
/// broken line are indented, so that it can be told from two lines.
pub fn wrapped(text: &str, width: usize) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut rest: Vec<char> = line.chars().collect();
        let mut indent = "";
        while rest.len() + indent.len() > width {
            let room = width - indent.len();
            let at = (room / 2..room)
                .rev()
                .find(|at| matches!(rest[*at], ',' | ' ' | ';'))
                .map_or(room, |at| at + 1);
            let tail = rest.split_off(at);
            out.push(format!("{indent}{}", String::from_iter(&rest)));
            rest = tail;
            indent = "  ";
        }
        out.push(format!("{indent}{}", String::from_iter(&rest)));
    }
    out.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::Severity;
    use crate::domain::tape::Phase;

    #[test]
    fn an_exchange_that_a_pair_quotes_is_not_quoted_again() {
        let wire = |seq, line: &str| Exhibit::Wire {
            seq,
            phase: Phase::Agent,
            line: line.into(),
            answer: "{}".into(),
        };
        let finding = Finding {
            rule: "r".into(),
            severity: Severity::Block,
            confidence: crate::domain::finding::Confidence::Proven,
            overruled: None,
            place: Place::Wire { seq: 3 },
            sentence: "s".into(),
            evidence: vec![
                Exhibit::Claimed {
                    claimed: "GET /a → 200".into(),
                    received: "GET /a → 403\n{}".into(),
                },
                wire(3, "GET /a → 403"),
                wire(4, "GET /b → 200"),
            ],
        };
        let from: Vec<_> = quoted(&finding).into_iter().map(|one| one.from).collect();
        assert_eq!(
            from,
            [
                "claimed, and received in exchange 3",
                "on the wire, exchange 4"
            ]
        );
        assert_eq!(place(&finding), None);
    }

    #[test]
    fn long_lines_are_broken_and_nothing_is_lost() {
        let text = "{\"a\":1,\"bcd\":2,\"e\":3}\nshort";
        let out = wrapped(text, 12);
        assert_eq!(out, "{\"a\":1,\n  \"bcd\":2,\n  \"e\":3}\nshort");
        let unbroken = "x".repeat(100);
        assert_eq!(wrapped(&unbroken, 20).replace(['\n', ' '], ""), unbroken);
    }
}
