//! A run as a page to open in a browser: self-contained, no scripts, nothing loaded from elsewhere.

use askama::Template;

use crate::domain::finding::Finding;
use crate::domain::limits;
use crate::domain::row::{Row, State};
use crate::domain::verdict::Verdict;
use crate::domain::view::View;

use super::before;
use super::cause;
use super::circumstances::circumstances;
use super::evidence::{self, Quoted, Said};
use super::guidance;
use super::interactions;
use super::spent;
use super::unproven;
use super::words;
use crate::text::markdown::terminal as plain;

#[derive(Template)]
#[template(path = "page.html", config = "src/report/askama.toml")]
struct RunPage {
    title: String,
    subtitle: String,
    headline: String,
    outcome: Vec<String>,
    circumstances: String,
    spent: String,
    problems_title: &'static str,
    problems: Vec<Told>,
    before: String,
    failing: Vec<PageLine>,
    aside: Vec<PageLine>,
    rows: Vec<ToldRow>,
    refresh: bool,
}

struct ToldRow {
    key: String,
    kind: String,
    class: &'static str,
    state: String,
    sentence: String,
    guidance: String,
    unproven: String,
    time: String,
    tokens: String,
    cached: String,
    cost: String,
    dossier: String,
    cause: String,
    findings: Vec<Told>,
}

struct Told {
    severity: &'static str,
    rule: String,
    confidence: &'static str,
    place: String,
    sentence: String,
    exhibits: Vec<Shown>,
}

/// A piece of evidence: one side, or two to compare.
struct Shown {
    pair: bool,
    sides: Vec<Side>,
}

struct Side {
    class: &'static str,
    from: String,
    lines: Vec<PageLine>,
}

struct PageLine {
    class: &'static str,
    text: String,
}

/// Lines shown of one exhibit.
const EXHIBIT_LINES: usize = 400;

/// The page of a run. Errors only when the template itself is broken, which its test excludes.
pub fn render(view: &View) -> Result<String, askama::Error> {
    let request = view.request.as_ref();
    let before = view.all_before();
    RunPage {
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
        outcome: words::outcome(view)
            .iter()
            .map(|said| plain(said))
            .collect(),
        circumstances: circumstances(view).join(" "),
        spent: spent::spent(view).unwrap_or_default(),
        problems_title: match view.whole_failures().next() {
            Some(_) => "What keeps the whole from being committed",
            None => words::problems_title(view),
        },
        problems: (view.problems.iter())
            .chain(view.whole_failures())
            .map(told)
            .collect(),
        before: before::sentence(&before).unwrap_or_default(),
        failing: before::failing(&before, limits::FAILURES_TOLD)
            .iter()
            .map(|text| line(text, false))
            .collect(),
        aside: before::aside(&before, limits::FAILURES_TOLD)
            .iter()
            .map(|text| line(text, false))
            .collect(),
        rows: rows(view)
            .into_iter()
            .map(|row| told_row(view, row))
            .collect(),
        refresh: view.ending.is_none(),
    }
    .render()
}

/// By name; where they are many, the worst first.
fn rows(view: &View) -> Vec<&Row> {
    match interactions::are_many(&view.rows) {
        true => interactions::worst_first(&view.rows),
        false => view.rows.iter().collect(),
    }
}

fn told_row(view: &View, row: &Row) -> ToldRow {
    let (class, findings) = match &row.state {
        State::Judged { judgement } => (
            match judgement.verdict {
                Verdict::Countersigned => "good",
                Verdict::NeedsALook => "look",
                Verdict::Blocked => "stopped",
                Verdict::Refused => "bad",
            },
            judgement.findings.iter().map(told).collect(),
        ),
        State::Carried { .. } => ("good", Vec::new()),
        State::Edited { .. }
        | State::TakenBack
        | State::CalledOff { .. }
        | State::GivenUp { .. } => ("look", Vec::new()),
        State::Waiting
        | State::Stopped
        | State::Working { .. }
        | State::Adopted
        | State::Skipped { .. }
        | State::Restored
        | State::Removed => ("plain", Vec::new()),
    };
    ToldRow {
        key: row.key.to_string(),
        kind: words::kind(view, row),
        class,
        state: words::state(&row.state),
        sentence: plain(&words::sentence(row)),
        guidance: plain(&guidance::sentence(&row.guidance).unwrap_or_default()),
        unproven: plain(&unproven::sentence(row).unwrap_or_default()),
        time: row.took_ms.map_or_else(|| "–".into(), words::duration),
        tokens: words::tokens(&row.usage),
        cached: spent::cached(&row.usage).unwrap_or_default(),
        cost: words::money(&row.usage),
        dossier: row
            .dossier
            .as_ref()
            .map(|dossier| dossier.short().to_owned())
            .unwrap_or_default(),
        cause: match (&row.state, &row.spec) {
            (State::Judged { judgement }, Some(spec)) => judgement
                .cause
                .as_ref()
                .map(|cause| plain(&cause::sentence(cause, spec)))
                .unwrap_or_default(),
            _ => String::new(),
        },
        findings,
    }
}

fn told(finding: &Finding) -> Told {
    Told {
        severity: words::severity(finding.severity),
        rule: plain(&finding.rule),
        confidence: words::confidence(finding.confidence),
        place: plain(&evidence::place(finding).unwrap_or_default()),
        sentence: match words::overruled(finding) {
            Some(overruled) => plain(&format!("{} {overruled}", finding.sentence)),
            None => plain(&finding.sentence),
        },
        exhibits: evidence::quoted(finding).iter().map(shown).collect(),
    }
}

fn shown(quoted: &Quoted<'_>) -> Shown {
    let from = plain(&format!("{} {}", quoted.from, quoted.about));
    let side = |class, from, text: &str, is_diff| Side {
        class,
        from,
        lines: text
            .lines()
            .take(EXHIBIT_LINES)
            .map(|text| line(text, is_diff))
            .collect(),
    };
    let sides = match &quoted.said {
        Said::Diff(unified) => vec![side("", from, unified, true)],
        Said::Head(text) => vec![side("", from, text, false)],
        Said::Tail(text) => vec![side("", from, text, false)],
        Said::Pair(claimed, received) => {
            let (of_claim, of_fact) = from.split_once(", and ").unwrap_or(("claimed", "received"));
            vec![
                side("claimed", of_claim.to_owned(), claimed, false),
                side("received", of_fact.trim_end().to_owned(), received, false),
            ]
        }
    };
    Shown {
        pair: sides.len() == 2,
        sides,
    }
}

fn line(text: &str, is_diff: bool) -> PageLine {
    PageLine {
        class: match text.as_bytes().first() {
            Some(b'+') if is_diff => "plus",
            Some(b'-') if is_diff => "minus",
            Some(b'@') if is_diff => "hunk",
            _ => "",
        },
        text: plain(text),
    }
}
