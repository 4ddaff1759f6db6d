//! A run told in a terminal: a live list of the agents while it goes on, the report at its end.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use console::style;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::domain::event::{Event, Logged, Settlement};
use crate::domain::finding::{Exhibit, Finding, Place, Severity};
use crate::domain::name::InteractionKey;
use crate::domain::view::{State, View};

use super::escape::{shorten, terminal as plain};
use super::words;

/// How the live part is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// A list that changes in place.
    Live,
    /// One line per event, for logs and pipes.
    Lines,
    /// Nothing.
    Silent,
}

impl Manner {
    /// Live on a terminal, lines elsewhere.
    pub fn of_stderr() -> Self {
        if std::io::stderr().is_terminal() {
            Manner::Live
        } else {
            Manner::Lines
        }
    }
}

/// The live part. Give it every event of a run, in order.
pub struct Live {
    manner: Manner,
    view: View,
    bars: MultiProgress,
    by_row: BTreeMap<InteractionKey, ProgressBar>,
}

impl Live {
    /// An empty list on standard error.
    pub fn new(manner: Manner) -> Self {
        Self {
            manner,
            view: View::default(),
            bars: MultiProgress::new(),
            by_row: BTreeMap::new(),
        }
    }

    /// What was told so far.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Shows the next event.
    pub fn show(&mut self, logged: &Logged) {
        self.view.apply(logged);
        match self.manner {
            Manner::Live => self.redraw(),
            Manner::Lines => self.line(logged),
            Manner::Silent => {}
        }
    }

    fn line(&self, logged: &Logged) {
        let seconds = (logged.at_ms - self.view.requested_ms).max(0) as f64 / 1e3;
        if let Some(words) = line(&logged.event) {
            // Nobody to tell when standard error is closed; the run goes on.
            let _ = writeln!(std::io::stderr(), "{seconds:7.1} s  {}", plain(&words));
        }
    }

    fn redraw(&mut self) {
        for row in &self.view.rows {
            let bar = self.by_row.entry(row.key.clone()).or_insert_with(|| {
                let bar = self.bars.add(ProgressBar::new_spinner());
                if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                    bar.set_style(style);
                }
                bar.enable_steady_tick(std::time::Duration::from_millis(120));
                bar
            });
            let said = match &row.state {
                State::Working { doing, .. } => format!("⚙️  {}", shorten(&plain(doing), 80)),
                other => words::state(other),
            };
            let name = format!("{:<40}", row.key.to_string());
            bar.set_message(format!(
                "{name} {said}  {} {}",
                words::tokens(&row.usage),
                words::money(&row.usage)
            ));
            if !matches!(row.state, State::Waiting | State::Working { .. }) && !bar.is_finished() {
                bar.finish();
            }
        }
        if self.view.ending.is_some() {
            for bar in self.by_row.values().filter(|bar| !bar.is_finished()) {
                bar.abandon();
            }
        }
    }
}

/// An event as one line; none for what only a moving list can show.
fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Requested { request } => {
            format!("run {} on {}", request.run, request.head().short())
        }
        Event::Planned { plan, .. } => {
            format!(
                "{} interactions, {} errors in specs",
                plan.steps.len(),
                plan.problems.len()
            )
        }
        Event::WallsTried { walls } => words::walls(walls),
        Event::AttemptStarted {
            interaction,
            attempt,
        } => format!("{interaction}: attempt {attempt}"),
        Event::Doing {
            interaction, words, ..
        } => format!("{interaction}: {}", shorten(words, 120)),
        Event::Sealed {
            interaction,
            dossier,
            ..
        } => format!("{interaction}: dossier {} sealed", dossier.short()),
        Event::AttemptFailed {
            interaction,
            attempt,
            fault,
        } => {
            format!("{interaction}: attempt {attempt} failed by no fault of the author: {fault}")
        }
        Event::Judged {
            spec, judgement, ..
        } => {
            format!(
                "{}: {} — {}",
                spec.key,
                judgement.verdict.words(),
                judgement.sentence
            )
        }
        Event::GivenUp { spec, fault } => {
            format!("{}: given up by no fault of the author: {fault}", spec.key)
        }
        Event::Settled { settlement } => words::settlement(settlement),
        Event::Ended { ending } => words::ending(ending),
    })
}

/// The report at the end of a run, for standard output.
pub fn report(view: &View) -> String {
    let mut out = String::new();
    if !view.rows.is_empty() {
        out.push_str(&format!("{}\n\n", table(view)));
    }
    for problem in &view.problems {
        push_finding(&mut out, problem);
    }
    for row in &view.rows {
        let (State::Judged { judgement }, true) = (&row.state, worth_telling(&row.state)) else {
            continue;
        };
        out.push_str(&format!("{}\n", style(&row.key).bold()));
        judgement
            .findings
            .iter()
            .for_each(|finding| push_finding(&mut out, finding));
    }
    if let Some(Settlement::WholeFailed { findings }) = &view.settlement {
        findings
            .iter()
            .for_each(|finding| push_finding(&mut out, finding));
    }
    let headline = words::headline(view);
    out.push_str(&format!("{}\n", style(headline).bold()));
    if let Some(settlement) = &view.settlement {
        out.push_str(&format!("{}\n", plain(&words::settlement(settlement))));
    }
    if let Some(ending) = &view.ending {
        out.push_str(&format!("{}\n", plain(&words::ending(ending))));
    }
    if let Some(walls) = &view.walls {
        out.push_str(&format!("{}\n", words::walls(walls)));
    }
    out
}

fn worth_telling(state: &State) -> bool {
    matches!(state, State::Judged { judgement } if !judgement.findings.is_empty())
}

fn table(view: &View) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        table.set_width(140);
    }
    table.set_header([
        "interaction",
        "verdict",
        "evidence",
        "time",
        "tokens",
        "cost",
    ]);
    for row in &view.rows {
        table.add_row([
            row.key.to_string(),
            words::state(&row.state),
            plain(&words::sentence(row)),
            row.took_ms.map_or_else(|| "–".into(), words::duration),
            words::tokens(&row.usage),
            words::money(&row.usage),
        ]);
    }
    table
}

fn push_finding(out: &mut String, finding: &Finding) {
    let place = match &finding.place {
        Place::Repository { path, line } => format!(" at {path}:{line}"),
        Place::Workspace { path } => format!(" in {path}"),
        Place::Turn { number } => format!(" in turn {number}"),
        Place::Wire { seq } => format!(" on wire {seq}"),
        Place::Function { line: Some(line) } => format!(" at line {line} of the function"),
        Place::Function { line: None } | Place::Build => String::new(),
    };
    let head = format!(
        "  {} {}{place}",
        words::severity(finding.severity),
        finding.rule
    );
    let head = plain(&head);
    let head = match finding.severity {
        Severity::Block => style(head).red(),
        Severity::Warn => style(head).yellow(),
        Severity::Note => style(head).dim(),
    };
    out.push_str(&format!("{head}\n    {}\n", plain(&finding.sentence)));
    for exhibit in &finding.evidence {
        let text = match exhibit {
            Exhibit::Diff { unified, .. } => unified.clone(),
            Exhibit::Turn {
                number,
                tool,
                quote,
            } => format!("turn {number} · {tool}\n{quote}"),
            Exhibit::Wire {
                seq, line, answer, ..
            } => format!("wire {seq} · {line}\n{}", shorten(answer, 400)),
            Exhibit::Output { step, text } => {
                format!("{step} said\n{}", super::details::tail(text, 1_200))
            }
            Exhibit::Claimed { claimed, received } => {
                format!(
                    "claimed   {}\nreceived  {}",
                    shorten(claimed, 400),
                    shorten(received, 400)
                )
            }
        };
        for line in plain(&text).lines().take(crate::domain::limits::DIFF_LINES) {
            out.push_str(&format!("    │ {}\n", shorten(line, 200)));
        }
    }
    out.push('\n');
}
