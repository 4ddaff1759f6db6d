//! A run as a page to open in a browser: self-contained, no scripts, nothing loaded from elsewhere.

use askama::Template;

use crate::domain::finding::{Exhibit, Finding, Place};
use crate::domain::view::{Row, State, View};

use super::words;

#[derive(Template)]
#[template(path = "page.html", config = "src/report/askama.toml")]
struct Page<'a> {
    title: String,
    subtitle: String,
    headline: String,
    ending: String,
    settlement: String,
    walls: String,
    usage: String,
    problems: Vec<Told<'a>>,
    rows: Vec<ToldRow<'a>>,
    refresh: bool,
}

struct ToldRow<'a> {
    key: String,
    kind: &'static str,
    class: &'static str,
    state: String,
    sentence: String,
    time: String,
    tokens: String,
    cost: String,
    dossier: String,
    findings: Vec<Told<'a>>,
}

struct Told<'a> {
    severity: &'static str,
    rule: &'a str,
    place: String,
    sentence: &'a str,
    exhibits: Vec<Shown>,
}

struct Shown {
    from: String,
    lines: Vec<Line>,
}

struct Line {
    class: &'static str,
    text: String,
}

/// Lines shown of one exhibit.
const EXHIBIT_LINES: usize = 400;

/// The page of a run. Errors only when the template itself is broken, which its test excludes.
pub fn render(view: &View) -> Result<String, askama::Error> {
    let request = view.request.as_ref();
    Page {
        title: request.map(|request| request.place()).unwrap_or_default(),
        subtitle: request
            .map(|request| {
                format!(
                    "run {} on {}, {}",
                    request.run,
                    request.head().short(),
                    words::asked(request)
                )
            })
            .unwrap_or_default(),
        headline: words::headline(view),
        ending: view.ending.as_ref().map(words::ending).unwrap_or_default(),
        settlement: view
            .settlement
            .as_ref()
            .map(words::settlement)
            .unwrap_or_default(),
        walls: view.walls.as_ref().map(words::walls).unwrap_or_default(),
        usage: format!(
            "{} tokens, {}",
            words::tokens(&view.usage()),
            words::money(&view.usage())
        ),
        problems: view.problems.iter().map(told).collect(),
        rows: view.rows.iter().map(told_row).collect(),
        refresh: view.ending.is_none(),
    }
    .render()
}

fn told_row(row: &Row) -> ToldRow<'_> {
    let (class, findings) = match &row.state {
        State::Judged { judgement } => (
            match judgement.verdict {
                crate::domain::verdict::Verdict::Countersigned => "good",
                crate::domain::verdict::Verdict::NeedsALook => "look",
                crate::domain::verdict::Verdict::Blocked => "stopped",
                crate::domain::verdict::Verdict::Refused => "bad",
            },
            judgement.findings.iter().map(told).collect(),
        ),
        State::Carried { .. } => ("good", Vec::new()),
        State::Edited { .. } | State::GivenUp { .. } => ("look", Vec::new()),
        State::Waiting | State::Working { .. } | State::Removed => ("plain", Vec::new()),
    };
    ToldRow {
        key: row.key.to_string(),
        kind: row.kind.word(),
        class,
        state: words::state(&row.state),
        sentence: words::sentence(row),
        time: row.took_ms.map_or_else(|| "–".into(), words::duration),
        tokens: words::tokens(&row.usage),
        cost: words::money(&row.usage),
        dossier: row
            .dossier
            .as_ref()
            .map(|dossier| dossier.short().to_owned())
            .unwrap_or_default(),
        findings,
    }
}

fn told(finding: &Finding) -> Told<'_> {
    Told {
        severity: words::severity(finding.severity),
        rule: &finding.rule,
        place: match &finding.place {
            Place::Repository { path, line } => format!("{path}:{line}"),
            Place::Function { line: Some(line) } => format!("line {line} of the function"),
            Place::Workspace { path } => path.clone(),
            Place::Turn { number } => format!("turn {number}"),
            Place::Wire { seq } => format!("wire {seq}"),
            Place::Function { line: None } | Place::Build => String::new(),
        },
        sentence: &finding.sentence,
        exhibits: finding.evidence.iter().map(shown).collect(),
    }
}

fn shown(exhibit: &Exhibit) -> Shown {
    let (from, text) = match exhibit {
        Exhibit::Diff { path, unified } => (format!("not taken over: {path}"), unified.clone()),
        Exhibit::Turn {
            number,
            tool,
            quote,
        } => (format!("transcript, turn {number}, {tool}"), quote.clone()),
        Exhibit::Wire {
            seq, line, answer, ..
        } => (
            format!("on the wire, exchange {seq}"),
            format!("{line}\n{answer}"),
        ),
        Exhibit::Output { step, text } => (format!("clean room, {step}"), text.clone()),
        Exhibit::Claimed { claimed, received } => (
            "claimed and received".to_owned(),
            format!("claimed   {claimed}\nreceived  {received}"),
        ),
    };
    let is_diff = matches!(exhibit, Exhibit::Diff { .. });
    let lines = text
        .lines()
        .take(EXHIBIT_LINES)
        .map(|line| Line {
            class: match line.as_bytes().first() {
                Some(b'+') if is_diff => "plus",
                Some(b'-') if is_diff => "minus",
                Some(b'@') if is_diff => "hunk",
                _ => "",
            },
            text: super::escape::terminal(line),
        })
        .collect();
    Shown { from, lines }
}
