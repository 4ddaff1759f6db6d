//! A run told in a terminal: a live list of the agents while it goes on, the report at its end.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};

use console::{measure_text_width, style, truncate_str};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::domain::activity::Activity;
use crate::domain::decision::Off;
use crate::domain::event::{Event, Logged};
use crate::domain::finding::{Finding, Severity};
use crate::domain::name::InteractionKey;
use crate::domain::row::{Row, State};
use crate::domain::view::View;

use super::before;
use super::cause;
use super::circumstances::{self, circumstances};
use super::evidence::{self, Quoted, Said};
use super::guidance;
use super::spent::spent;
use super::unproven;
use super::words;
use crate::text::clip::shorten;
use crate::text::markdown::terminal as plain;
use crate::text::number::{count, plural};

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
    said: BTreeMap<InteractionKey, Activity>,
}

impl Live {
    /// An empty list on standard error.
    pub fn new(manner: Manner) -> Self {
        Self {
            manner,
            view: View::default(),
            bars: MultiProgress::new(),
            by_row: BTreeMap::new(),
            said: BTreeMap::new(),
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

    fn line(&mut self, logged: &Logged) {
        if let Event::Doing {
            interaction,
            activity,
            ..
        } = &logged.event
        {
            // A log needs each deed once; that an agent thinks in between goes without saying.
            if activity.is_passing() || self.said.get(interaction) == Some(activity) {
                return;
            }
            self.said.insert(interaction.clone(), activity.clone());
        }
        let seconds = (logged.at_ms - self.view.requested_ms).max(0) as f64 / 1e3;
        if let Some(words) = line(&logged.event) {
            // Nobody to tell when standard error is closed; the run goes on.
            let _ = writeln!(std::io::stderr(), "{seconds:7.1} s  {}", plain(&words));
        }
    }

    fn redraw(&mut self) {
        let names = self
            .view
            .rows
            .iter()
            .map(|row| row.key.to_string().len())
            .max();
        let names = names.unwrap_or_default();
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
                State::Working { doing, .. } => shorten(&plain(&words::activity(doing)), 80),
                other => words::state(other),
            };
            // The amounts stand before the words, which are cut at the terminal's edge.
            bar.set_message(format!(
                "{:<names$}  {:>6} {:>7}  {said}",
                row.key.to_string(),
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
            let is_error = |problem: &&Finding| problem.severity != Severity::Note;
            let wrong = plan.problems.iter().filter(is_error).count();
            let all = plan.steps.len();
            format!(
                "{all} {}, {wrong} {} in specs",
                plural(all, "interaction", "interactions"),
                plural(wrong, "error", "errors")
            )
        }
        Event::PackagesChosen { project, packages } => {
            circumstances::packages(project.as_ref(), packages)?
        }
        Event::WallsTried { walls } => words::walls(walls),
        Event::AttemptStarted {
            interaction,
            attempt,
            guidance,
        } => match guidance::sentence(guidance) {
            Some(told) => format!("{interaction}: attempt {attempt}. {told}"),
            None => format!("{interaction}: attempt {attempt}"),
        },
        Event::Doing {
            interaction,
            activity,
            ..
        } => format!(
            "{interaction}: {}",
            shorten(&words::activity(activity), 120)
        ),
        Event::Sealed {
            interaction,
            dossier,
            ..
        } => format!("{interaction}: dossier {} sealed", dossier.short()),
        Event::AttemptLeft {
            interaction,
            attempt,
        } => format!("{interaction}: attempt {attempt} put down"),
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
        Event::GivenUp { spec, cause, fault } => {
            format!("{}: given up. {}", spec.key, words::given_up(*cause, fault))
        }
        Event::CalledOff {
            interaction,
            by,
            off,
            ..
        } => {
            let command = match off {
                Off::Cancelled => "/cancel",
                Off::Skipped { .. } => "/skip",
            };
            format!("{interaction}: {by} said {command}, so its agent ends")
        }
        Event::BaseVerified { project, .. } => {
            let name = project.as_ref().map(ToString::to_string);
            format!(
                "{} was verified without this run's functions, because it is not green",
                name.unwrap_or_else(|| "the project".to_owned())
            )
        }
        Event::Verified { before, .. } => before::sentence(before)?,
        Event::WholeGood { known: 0, .. } => return None,
        Event::WholeGood { known, .. } => {
            let known = count(*known, "file");
            format!("the project was verified; known to be good from before: {known}")
        }
        Event::ProjectEmptied { project } => words::project_emptied(project),
        Event::ProjectFailed { project, .. } => words::project_failed(project),
        Event::Settled { settlement } => words::settlement(settlement),
        Event::Ended { ending } => words::ending(ending),
    })
}

/// The report at the end of a run, for standard output.
pub fn report(view: &View) -> String {
    let width = match std::io::stdout().is_terminal() {
        true => usize::from(console::Term::stdout().size().1).clamp(60, WIDEST),
        false => WIDEST,
    };
    report_in(view, width)
}

/// The report in lines of at most `width` columns.
pub(super) fn report_in(view: &View, width: usize) -> String {
    let mut out = Lines {
        width,
        text: String::new(),
    };
    for problem in &view.problems {
        out.finding(problem);
    }
    let names = view.rows.iter().map(|row| row.key.to_string().len()).max();
    for row in &view.rows {
        out.row(row, names.unwrap_or_default());
        match &row.state {
            State::Judged { judgement } if !judgement.findings.is_empty() => {
                if let (Some(cause), Some(spec)) = (&judgement.cause, &row.spec) {
                    out.words("   ", &cause::sentence(cause, spec));
                }
                judgement
                    .findings
                    .iter()
                    .for_each(|finding| out.finding(finding));
            }
            _ => out.words("   ", &words::sentence(row)),
        }
        if let Some(project) = view.to_name(row) {
            out.words("   ", &format!("In {project}."));
        }
        if let Some(told) = guidance::sentence(&row.guidance) {
            out.words("   ", &told);
        }
        if let Some(open) = unproven::sentence(row) {
            out.words("   ", &open);
        }
        out.text.push('\n');
    }
    (view.whole_failures()).for_each(|finding| out.finding(finding));
    let before = view.all_before();
    if let Some(said) = before::sentence(&before) {
        out.words("", &said);
        let told = before::failing(&before, QUOTED_LINES / 2);
        out.quoted_lines("", told.iter().map(String::as_str));
        let told = before::aside(&before, QUOTED_LINES / 2);
        out.quoted_lines("", told.iter().map(String::as_str));
    }
    for shared in cause::shared(view) {
        out.words("", &cause::shared_sentence(&shared));
    }
    let headline = plain(&words::headline(view));
    out.text.push_str(&format!("{}\n", style(headline).bold()));
    for said in words::outcome(view) {
        out.words("", &said);
    }
    for said in circumstances(view).into_iter().chain(spent(view)) {
        out.words("", &said);
    }
    out.text
}

/// Columns of a report, however wide the terminal: longer lines are hard to read.
const WIDEST: usize = 110;

/// Lines quoted of one piece of evidence; the dossier has the rest.
const QUOTED_LINES: usize = 6;

/// A report as it grows.
struct Lines {
    width: usize,
    text: String,
}

impl Lines {
    /// The line of an interaction: sign, name, verdict, and what it took.
    fn row(&mut self, row: &Row, names: usize) {
        let state = words::state(&row.state);
        let (sign, verdict) = state.split_once(' ').unwrap_or(("", &state));
        let time = row.took_ms.map_or_else(|| "–".into(), words::duration);
        let name = format!("{:<names$}", row.key.to_string());
        self.text.push_str(&format!(
            "{sign} {}  {verdict:<14} {time:>10} {:>7} {:>8}\n",
            style(name).bold(),
            words::tokens(&row.usage),
            words::money(&row.usage),
        ));
    }

    /// Untrusted words, broken between words, every line after `indent`.
    fn words(&mut self, indent: &str, words: &str) {
        let room = self
            .width
            .saturating_sub(measure_text_width(indent))
            .max(20);
        let mut line = String::new();
        for word in plain(words).split_whitespace() {
            let wide = measure_text_width(&line) + 1 + measure_text_width(word);
            if !line.is_empty() && wide > room {
                self.text.push_str(&format!("{indent}{line}\n"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.text.push_str(&format!("{indent}{line}\n"));
    }

    /// A finding: how bad, which rule, one sentence; of those that block, the evidence.
    fn finding(&mut self, finding: &Finding) {
        let head = format!(
            "{:<8} {}",
            words::severity(finding.severity),
            plain(&finding.rule)
        );
        let head = match finding.severity {
            Severity::Block => style(head).red(),
            Severity::Warn => style(head).yellow(),
            Severity::Note => style(head).dim(),
        };
        let place = evidence::place(finding)
            .map(|place| format!(" ({})", plain(&place)))
            .unwrap_or_default();
        self.text.push_str(&format!(
            "   {head}{}\n",
            style(format!(
                "{place}, {}",
                words::confidence(finding.confidence)
            ))
            .dim()
        ));
        self.words("            ", &finding.sentence);
        if let Some(overruled) = words::overruled(finding) {
            self.words("            ", &overruled);
        }
        if finding.severity == Severity::Block {
            for quoted in evidence::quoted(finding) {
                self.quote(&quoted);
            }
        }
    }

    fn quote(&mut self, quoted: &Quoted<'_>) {
        match &quoted.said {
            Said::Pair(claimed, received) => {
                self.quoted_lines("claimed  ", claimed.lines().take(QUOTED_LINES / 2));
                self.quoted_lines("received ", received.lines().take(QUOTED_LINES / 2));
            }
            Said::Diff(unified) => self.quoted_lines("", unified.lines().take(2 * QUOTED_LINES)),
            Said::Head(text) => self.quoted_lines("", text.lines().take(QUOTED_LINES)),
            Said::Tail(text) => {
                let lines: Vec<&str> = text.lines().collect();
                let from = lines.len().saturating_sub(QUOTED_LINES);
                self.quoted_lines("", lines[from..].iter().copied());
            }
        }
    }

    /// One line each, cut at the edge: evidence is to be recognised here and to be read in the dossier.
    fn quoted_lines<'a>(&mut self, label: &str, lines: impl Iterator<Item = &'a str>) {
        let blank = " ".repeat(label.len());
        for (at, line) in lines.enumerate() {
            let label = if at == 0 { label } else { &blank };
            let line = format!("            │ {label}{}", plain(line));
            let line = truncate_str(&line, self.width, "…");
            self.text.push_str(&format!("{}\n", style(line).dim()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ending::Ending;
    use crate::domain::verdict::Verdict;
    use crate::report::sample;

    #[test]
    fn a_report_keeps_its_width_and_the_terminal() {
        let view = sample::run(
            &[
                ("slack/users", Verdict::Countersigned, vec![]),
                ("slack/post", Verdict::Refused, vec![sample::hostile()]),
            ],
            Ending::Finished,
        );
        let report = console::strip_ansi_codes(&report_in(&view, 70)).into_owned();
        for line in report.lines() {
            assert!(measure_text_width(line) <= 70, "{line}");
        }
        assert!(report.contains("1 refused, 1 countersigned"), "{report}");
        assert!(!report.contains('\u{1b}'), "{report:?}");
    }
}
