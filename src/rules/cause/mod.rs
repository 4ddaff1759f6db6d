//! From findings to their first cause: [`find`]. Pure.
//!
//! The symptom is the worst finding. Errors of the tape that nothing resolved later are candidates; one from outside comes
//! first, because it explains what an agent did next. Where there is none, the clean room's own words are classed; else the
//! finding is its own cause, or the cause is *unknown*. Nothing is guessed.

mod classify;
mod errors;
mod reaction;
mod told;

use crate::domain::cause::{CauseClass, CauseStep, RootCause};
use crate::domain::clean_room::Trial;
use crate::domain::dossier::{Dossier, Ended};
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::tape::Phase;
use crate::domain::transcript::ToolCall;
use crate::rules::judge::reading::quote;

use errors::WireError;

/// The cause of a judgement with these findings, worst first; nothing when nothing grave was found and nothing blocks.
pub fn find(dossier: &Dossier, findings: &[Finding]) -> Option<RootCause> {
    let symptom = findings
        .iter()
        .find(|finding| finding.severity > Severity::Note || finding.rule == "blocked")?;
    let open = errors::open(dossier);
    let cause = outside(dossier, symptom, &open)
        .or_else(|| clean_room(dossier, symptom))
        .or_else(|| told(dossier, symptom))
        .unwrap_or_else(|| own(dossier, symptom));
    Some(RootCause {
        reaction: reaction::of(dossier, findings),
        ..cause
    })
}

/// An error from outside that nothing resolved, and that what was found can come of: where there is no function or no report
/// of success to believe, or where our own run met the same.
fn outside(dossier: &Dossier, symptom: &Finding, open: &[WireError<'_>]) -> Option<RootCause> {
    let candidates: Vec<&WireError<'_>> =
        match dossier.seal.room.failed_step().map(|(trial, _)| trial) {
            // Nothing outside makes types wrong or tests red.
            Some(Trial::Compile | Trial::Tests) => Vec::new(),
            Some(Trial::Validate | Trial::Save) => open
                .iter()
                .filter(|error| errors::is_met_again(dossier, error))
                .collect(),
            None if dossier.seal.room.function.source().is_none() || is_about_evidence(symptom) => {
                open.iter().collect()
            }
            None => Vec::new(),
        };
    let first = candidates
        .iter()
        .find(|error| error.is_from_outside())
        .or_else(|| candidates.first())?;
    let mut chain = vec![CauseStep {
        place: Place::Wire {
            seq: first.exchange.seq,
        },
        quote: quote::line(&first.exchange.line()),
    }];
    if let Some((number, call)) = first.turn {
        chain.insert(0, step(number, call));
    }
    chain.extend(reaction::shown(dossier, first.exchange.at_ms));
    Some(
        made(
            first.class,
            &first.target,
            chain,
            symptom,
            Confidence::Proven,
        )
        .wanting(first.wanted()),
    )
}

/// What only the transcript tells: where nothing was written or results were made up, what nothing resolved; where something
/// was done that should not have been, what the agent was told shortly before (a configuration is rewritten because nothing was
/// found to compile). What ended the work is known better than what was in its way.
fn told(dossier: &Dossier, symptom: &Finding) -> Option<RootCause> {
    if was_cut_short(dossier) {
        return None;
    }
    let nothing_written = dossier.seal.room.function.source().is_none();
    let error = if nothing_written || is_about_evidence(symptom) {
        told::open(dossier).into_iter().next()
    } else {
        let turn = match &symptom.place {
            Place::Turn { number } => *number,
            Place::Workspace { path } => changed_in(dossier, path)?,
            _ => return None,
        };
        told::shortly_before(dossier, turn, limits::REACTION_TURNS)
    }?;
    let mut chain = vec![step(error.turn, error.call)];
    chain.extend(reaction::shown(dossier, error.call.started_ms));
    Some(made(
        error.class,
        &error.target,
        chain,
        symptom,
        Confidence::Inferred,
    ))
}

/// Whether a limit or the model's provider ended the work.
fn was_cut_short(dossier: &Dossier) -> bool {
    matches!(
        dossier.seal.ended,
        Ended::Limit { .. } | Ended::ProviderFailed { .. }
    )
}

/// The first turn in which a file was changed.
fn changed_in(dossier: &Dossier, path: &str) -> Option<u32> {
    let mut calls = dossier.transcript.tool_calls();
    let (number, _) = calls.find(|(_, call)| {
        let mut changes = call.deed.changes().into_iter();
        changes.any(|(changed, _)| changed.ends_with(path))
    })?;
    Some(number)
}

/// Whether it is about results that were made up: what was refused before is why.
fn is_about_evidence(symptom: &Finding) -> bool {
    ["fixture-", "fabricated", "blocked", "only-errors"]
        .iter()
        .any(|about| symptom.rule.starts_with(about))
}

/// What the clean room said when a step failed.
fn clean_room(dossier: &Dossier, symptom: &Finding) -> Option<RootCause> {
    let room = &dossier.seal.room;
    let (trial, step) = room.failed_step()?;
    let class = classify::step(dossier, trial, &step.said);
    let mut chain: Vec<CauseStep> = last_change(dossier).into_iter().collect();
    let last = dossier
        .tape
        .of(Phase::CleanRoom)
        .filter(|one| one.asked_provider())
        .last();
    let is_wire = matches!(
        class,
        CauseClass::MovedWorld
            | CauseClass::NotFound
            | CauseClass::RefusedRequest
            | CauseClass::ApiFault
            | CauseClass::MissingScope
            | CauseClass::ExpiredAccess
            | CauseClass::RateLimit
    );
    if let Some(last) = last.filter(|_| is_wire) {
        chain.push(CauseStep {
            place: Place::Wire { seq: last.seq },
            quote: quote::line(&last.line()),
        });
    }
    let target = match trial {
        Trial::Compile => "compile",
        Trial::Validate | Trial::Save => "dry run",
        Trial::Tests => "tests",
    };
    let confidence = if class == CauseClass::Unknown {
        Confidence::Suspected
    } else {
        Confidence::Reproduced
    };
    Some(made(class, target, chain, symptom, confidence))
}

/// The finding is its own cause.
fn own(dossier: &Dossier, symptom: &Finding) -> RootCause {
    let rule = symptom.rule.as_str();
    let (class, confidence) = match rule {
        _ if was_cut_short(dossier) => (CauseClass::CutShort, Confidence::Proven),
        "no-function" | "says-done-without-function" => {
            (CauseClass::NothingWritten, Confidence::Proven)
        }
        // What the agent said of its work, or did not say.
        "report-missing" | "report-invalid" | "claims-against-results" => {
            (CauseClass::Conduct, symptom.confidence)
        }
        _ if rule.starts_with("says-") => (CauseClass::Conduct, symptom.confidence),
        "not-checked" => (classify::unchecked(dossier), Confidence::Proven),
        _ if dossier.seal.room.passed() && is_of_the_code(symptom) => {
            (CauseClass::OwnCode, symptom.confidence)
        }
        _ if matches!(
            symptom.place,
            Place::Turn { .. } | Place::Workspace { .. } | Place::Wire { .. }
        ) =>
        {
            (CauseClass::Conduct, symptom.confidence)
        }
        _ => (CauseClass::Unknown, Confidence::Suspected),
    };
    let chain: Vec<CauseStep> = match class {
        CauseClass::OwnCode => last_change(dossier).into_iter().collect(),
        _ => Vec::new(),
    };
    made(class, "", chain, symptom, confidence)
}

fn is_of_the_code(symptom: &Finding) -> bool {
    matches!(symptom.place, Place::Function { .. }) || symptom.rule == "unread-pages"
}

/// Puts a cause together; the chain ends with what was found and has at most [`limits::CAUSE_STEPS`] steps.
fn made(
    class: CauseClass,
    target: &str,
    mut chain: Vec<CauseStep>,
    symptom: &Finding,
    confidence: Confidence,
) -> RootCause {
    chain.truncate(limits::CAUSE_STEPS - 1);
    chain.push(CauseStep {
        place: symptom.place.clone(),
        quote: symptom.rule.clone(),
    });
    chain.dedup_by(|a, b| a.place == b.place && a.place != Place::Build);
    RootCause {
        class,
        target: target.to_owned(),
        wanted: None,
        chain,
        reaction: crate::domain::cause::Reaction::WentOn,
        confidence,
    }
}

impl RootCause {
    fn wanting(self, wanted: Option<String>) -> Self {
        Self { wanted, ..self }
    }
}

/// Where the function was written last.
fn last_change(dossier: &Dossier) -> Option<CauseStep> {
    let path = dossier.seal.spec.function_path();
    let calls = dossier.transcript.tool_calls();
    let (number, call) = calls
        .filter(|(_, call)| {
            call.deed
                .changes()
                .iter()
                .any(|(changed, _)| changed.ends_with(&path))
        })
        .last()?;
    Some(step(number, call))
}

fn step(number: u32, call: &ToolCall) -> CauseStep {
    use crate::domain::deed::Deed;
    let what = match &call.deed {
        Deed::Shell { command, .. } => command.clone(),
        Deed::Write { path, .. } | Deed::Edit { path, .. } => format!("{} {path}", call.tool),
        _ => call.tool.clone(),
    };
    CauseStep {
        place: Place::Turn { number },
        quote: quote::line(&what),
    }
}

#[cfg(test)]
mod tests;
