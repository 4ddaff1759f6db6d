//! `countersign trace`: what happened in an attempt, in the order of time, with the way from the cause to what was found.

use std::process::ExitCode;

use crate::cli::args::TraceArgs;
use crate::domain::cause::RootCause;
use crate::domain::clean_room::Outcome;
use crate::domain::deed::Deed;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Finding, Place, Severity};
use crate::domain::tape::Phase;
use crate::domain::transcript::{Part, Role, ToolCall};
use crate::report::cause;
use crate::rules::judge::judge;
use crate::text::clip::shorten;
use crate::text::markdown::terminal as plain;

use super::error::CommandError;
use super::{exit_code, sealed};

/// Columns of what happened.
const ABOUT_CHARS: usize = 110;

/// One line of the timeline.
struct Moment {
    at_ms: i64,
    place: Place,
    line: String,
}

/// Prints the timeline and the cause.
pub fn trace(args: &TraceArgs) -> Result<ExitCode, CommandError> {
    let dossier = sealed::dossier(&args.dossier, &args.state)?;
    let judgement = judge(&dossier);
    let found = judgement.cause.as_ref();
    for moment in timeline(&dossier) {
        let mark = mark(position(found, &moment.place, moment.at_ms));
        let seconds = (moment.at_ms - dossier.seal.started_ms).max(0) / 1_000;
        say!("{seconds:>5} s {mark:>3} {}", moment.line);
    }
    let room = dossier.seal.room.steps().into_iter();
    for (trial, step) in room.filter(|(_, step)| step.outcome != Outcome::Skipped) {
        let ended = match step.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Broken => "could not be tried",
            Outcome::Skipped => "was not tried",
            Outcome::NotApplicable => "is nothing that the CLI has for it",
        };
        say!("            our {} {ended}", trial.word());
    }
    let graver =
        |finding: &&Finding| finding.severity > Severity::Note || finding.rule == "blocked";
    for finding in judgement.findings.iter().filter(graver) {
        let is_found = found.is_some_and(|cause| ends_with(cause, finding));
        let last = found.map(|cause| cause.chain.len()).filter(|_| is_found);
        say!("        {:>3} found {}", mark(last), finding.rule);
    }
    say!("");
    say!(
        "{}: {}",
        judgement.verdict.words(),
        plain(&judgement.sentence)
    );
    if let Some(found) = found {
        say!("{}", plain(&cause::sentence(found, &dossier.seal.spec)));
        for (number, step) in found.chain.iter().enumerate() {
            let (place, quote) = cause::step(step);
            say!("  {}. {}: {}", number + 1, plain(&place), plain(quote));
        }
    }
    Ok(ExitCode::from(exit_code::COUNTERSIGNED))
}

fn mark(number: Option<usize>) -> String {
    number.map_or_else(|| "   ".to_owned(), |number| format!("{number} ▶"))
}

/// The step of the chain that is at this place and time, from 1.
fn position(cause: Option<&RootCause>, place: &Place, at_ms: i64) -> Option<usize> {
    let mut steps = cause?.chain.iter();
    let at = steps.position(|step| step.place == *place && step.at_ms == Some(at_ms))?;
    Some(at + 1)
}

/// Whether the chain ends with this finding.
fn ends_with(cause: &RootCause, finding: &Finding) -> bool {
    let last = cause.chain.last();
    last.is_some_and(|last| last.place == finding.place && last.quote == finding.rule)
}

/// Everything that has a time, in order.
fn timeline(dossier: &Dossier) -> Vec<Moment> {
    let mut moments = Vec::new();
    for turn in &dossier.transcript.turns {
        let place = Place::Turn {
            number: turn.number,
        };
        for part in &turn.parts {
            let (at_ms, what) = match part {
                Part::Tool(call) => (call.started_ms, call_line(call)),
                Part::Text { text } if turn.role == Role::Assistant => {
                    (turn.at_ms, format!("says: {text}"))
                }
                Part::Text { text } => (turn.at_ms, format!("is told: {text}")),
                Part::Error { message } => (turn.at_ms, format!("the model's provider: {message}")),
                Part::Reasoning { .. } => continue,
            };
            let line = format!("turn {:<3} {}", turn.number, about(&what));
            moments.push(Moment {
                at_ms,
                place: place.clone(),
                line,
            });
        }
    }
    for exchange in &dossier.tape.exchanges {
        let whose = match exchange.phase {
            Phase::Agent => "wire",
            Phase::CleanRoom => "ours",
            Phase::EarlierRoom => "ours before",
            Phase::CleanUp => "clean-up",
        };
        moments.push(Moment {
            at_ms: exchange.at_ms,
            place: Place::Wire { seq: exchange.seq },
            line: format!("{whose} {:<3} {}", exchange.seq, about(&exchange.line())),
        });
    }
    moments.sort_by_key(|moment| moment.at_ms);
    moments
}

fn call_line(call: &ToolCall) -> String {
    let about = match &call.deed {
        Deed::Shell { command, .. } => command.as_str(),
        Deed::Read { path }
        | Deed::List { path }
        | Deed::Write { path, .. }
        | Deed::Edit { path, .. } => path,
        Deed::Fetch { url } => url,
        Deed::Patch { .. } | Deed::Other => "",
    };
    let exit = call
        .exit
        .map(|code| format!(" → exit {code}"))
        .unwrap_or_default();
    // What a command ends with is seen even when it is long.
    format!("{} {}{exit}", call.tool, shorten(about, ABOUT_CHARS - 20))
}

fn about(text: &str) -> String {
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default();
    plain(&shorten(first.trim(), ABOUT_CHARS))
}
