//! From findings to their first cause: [`find`]. Pure.
//!
//! The symptom is the worst finding, and the graph (`graph`) holds what happened and what led to what. Errors that nothing resolved later
//! and from which ties lead to the symptom are candidates; one from outside comes first, because it explains what an agent did
//! next. Where there is none, the clean room's own words are classed, and the version of the function that brought the fault in
//! is looked for; else the error that the agent answered with what was found; else the finding is its own cause, or the cause is
//! *unknown*. Nothing is guessed. What can be tried without running anything is tried (`replay`).

mod about;
mod brought_in;
mod chain;
mod classify;
mod errors;
mod graph;
mod offered;
mod reaction;
mod replay;
mod signature;
mod told;

use crate::domain::cause::{CauseClass, Reaction, RootCause};
use crate::domain::clean_room::Trial;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place};
use crate::domain::limits;
use crate::domain::tape::Phase;
use crate::rules::judge::reading::moved_world::refused_again;
use crate::rules::judge::reading::nango_cli::Check;
use crate::rules::judge::reading::{check_runs, quote, shell};

use brought_in::BroughtIn;
use chain::Chain;
use errors::WireError;
use graph::{Errors, Graph, Tie, Way, What};
use told::ToldError;

/// The cause of a judgement with these findings, worst first; nothing when nothing grave was found and nothing blocks.
pub fn find(dossier: &Dossier, findings: &[Finding]) -> Option<RootCause> {
    let symptom = about::symptom(dossier, findings)?;
    let commands = shell::commands(dossier);
    let wire = errors::open(dossier);
    // What ended the work is known better than what was in its way.
    let told = if about::was_cut_short(dossier) {
        Vec::new()
    } else {
        told::open(dossier, &commands)
    };
    let errors = Errors {
        wire: &wire,
        told: &told,
    };
    let graph = Graph::of(dossier, &commands, symptom, findings, errors);
    let cause = outside(&graph, symptom, &wire)
        .or_else(|| clean_room(&graph))
        .or_else(|| in_the_way(&graph, &told))
        .or_else(|| answered(&graph, &wire))
        .unwrap_or_else(|| own(&graph, symptom));
    Some(RootCause {
        reaction: reaction::of(dossier, &commands, findings),
        ..cause
    })
}

/// An error of the tape that led to what was found.
struct Candidate<'e, 'a> {
    error: &'e WireError<'a>,
    way: Way,
    /// What would have been found without it, where that can be tried.
    without: Option<replay::Outcome>,
}

/// An error from outside that nothing resolved, and that what was found comes of: where there is no function or no report
/// of success to believe, or where our own run met the same. One without which the finding would go comes first.
fn outside(graph: &Graph<'_>, symptom: &Finding, wire: &[WireError<'_>]) -> Option<RootCause> {
    let candidates: Vec<Candidate<'_, '_>> = wire
        .iter()
        .filter_map(|error| candidate(graph, symptom, error))
        .take(limits::CAUSE_CANDIDATES)
        .collect();
    let is_gone = |one: &&Candidate<'_, '_>| one.without == Some(replay::Outcome::Gone);
    let first = candidates
        .iter()
        .find(is_gone)
        .or_else(|| candidates.iter().find(|one| one.error.is_from_outside()))
        .or_else(|| candidates.first())?;
    let confidence = match first.without {
        _ if first.way.is_sure => Confidence::Proven,
        Some(replay::Outcome::Gone) => Confidence::Reproduced,
        Some(replay::Outcome::Stays) | None => Confidence::Inferred,
    };
    let mut asker = graph.before(first.way.events[0], Tie::Asked);
    let class = if errors::is_own_header(graph.dossier, first.error) {
        let versions = asker.iter().flat_map(|at| graph.before(*at, Tie::Read));
        asker = versions.collect();
        CauseClass::OwnCode
    } else {
        first.error.class
    };
    let chain = Chain::of(&first.way.events).after(&asker);
    Some(RootCause {
        wanted: first.error.wanted(),
        ..made(graph, class, &first.error.target, chain, confidence)
    })
}

fn candidate<'e, 'a>(
    graph: &Graph<'_>,
    symptom: &Finding,
    error: &'e WireError<'a>,
) -> Option<Candidate<'e, 'a>> {
    let dossier = graph.dossier;
    let stands_for = offered::stands_for(graph.offered.as_ref(), error.exchange).is_some();
    let may_be = match dossier.seal.room.failed_step().map(|(trial, _)| trial) {
        // Nothing outside makes types wrong or tests red.
        Some(Trial::Compile | Trial::Tests) => stands_for,
        Some(Trial::Validate | Trial::Save) => stands_for || errors::is_met_again(dossier, error),
        None => dossier.seal.room.function.source().is_none() || about::is_about_evidence(symptom),
    };
    if !may_be {
        return None;
    }
    let at = graph.exchange(error.exchange.seq)?;
    Some(Candidate {
        error,
        way: graph.way_from(at)?,
        without: stands_for
            .then(|| replay::had_it_said_yes(graph, error, symptom))
            .flatten(),
    })
}

/// What only the transcript tells: where nothing was written or results were made up, what nothing resolved.
fn in_the_way(graph: &Graph<'_>, told: &[ToldError<'_>]) -> Option<RootCause> {
    told.iter().find_map(|error| {
        let at = graph.find(|event| {
            let called = event.called();
            called.is_some_and(|called| std::ptr::eq(called.call, error.call))
        })?;
        if !graph.leads(at, Tie::Prevented) && !graph.leads(at, Tie::CameAfter) {
            return None;
        }
        let chain = Chain::of(&graph.way_from(at)?.events);
        let confidence = Confidence::Inferred;
        Some(made(graph, error.class, &error.target, chain, confidence))
    })
}

/// The error that the agent answered with what was found: a configuration is rewritten because nothing was found to compile.
fn answered(graph: &Graph<'_>, wire: &[WireError<'_>]) -> Option<RootCause> {
    let (at, command) = graph.events.iter().enumerate().find_map(|(at, event)| {
        let What::Command(command) = &event.what else {
            return None;
        };
        graph.leads(at, Tie::Answers).then_some((at, command))
    })?;
    if about::was_cut_short(graph.dossier) {
        return None;
    }
    let way = graph.way_from(at)?;
    let of_the_tape = wire.iter().find(|error| {
        let asked = graph.exchange(error.exchange.seq);
        asked.is_some_and(|one| graph.before(one, Tie::Asked).contains(&at))
    });
    let checks = [Check::Tests, Check::DryRun, Check::Compile].into_iter();
    let check = checks.filter(|check| check_runs::is_run(command, *check));
    let class = told::class_of(command.call)
        .or_else(|| of_the_tape.map(|error| error.class))
        .or_else(|| {
            let mut classes =
                check.filter_map(|check| classify::check(check, &command.call.output));
            classes.next()
        })?;
    let target = match of_the_tape {
        Some(error) if error.class == class => error.target.clone(),
        _ => told::tried(command),
    };
    let chain = Chain::of(&way.events);
    Some(made(graph, class, &target, chain, Confidence::Inferred))
}

/// What the clean room said when a step failed.
fn clean_room(graph: &Graph<'_>) -> Option<RootCause> {
    let dossier = graph.dossier;
    let (trial, step) = dossier.seal.room.failed_step()?;
    let class = classify::step(dossier, trial, &step.said);
    let brought = brought_in::by_step(graph, trial, &step.said);
    let mut events: Vec<usize> = match (class, refused_again(dossier)) {
        (CauseClass::MovedWorld, Some(moved)) => {
            let seqs = [moved.theirs.seq, moved.ours.seq];
            seqs.iter().filter_map(|seq| graph.exchange(*seq)).collect()
        }
        _ => brought
            .into_iter()
            .flat_map(|one| [Some(one.version), one.shown])
            .flatten()
            .collect(),
    };
    let last = dossier
        .tape
        .of(Phase::CleanRoom)
        .filter(|one| one.asked_provider())
        .last();
    if let Some(last) = last.filter(|_| is_of_the_wire(class)) {
        events.extend(graph.exchange(last.seq));
    }
    events.push(graph.symptom());
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
    Some(made(graph, class, target, Chain::of(&events), confidence))
}

fn is_of_the_wire(class: CauseClass) -> bool {
    matches!(
        class,
        CauseClass::NotFound
            | CauseClass::RefusedRequest
            | CauseClass::ApiFault
            | CauseClass::MissingScope
            | CauseClass::ExpiredAccess
            | CauseClass::RateLimit
    )
}

/// The finding is its own cause.
fn own(graph: &Graph<'_>, symptom: &Finding) -> RootCause {
    let dossier = graph.dossier;
    let rule = symptom.rule.as_str();
    let (class, confidence) = match rule {
        _ if about::was_cut_short(dossier) => (CauseClass::CutShort, Confidence::Proven),
        "no-function" | "says-done-without-function" | "blocked-without-evidence"
            if dossier.seal.room.function.source().is_none() =>
        {
            (CauseClass::NothingWritten, Confidence::Proven)
        }
        // What the agent said of its work, or did not say.
        "report-missing" | "report-invalid" | "claims-against-results" => {
            (CauseClass::Conduct, symptom.confidence)
        }
        _ if rule.starts_with("says-") => (CauseClass::Conduct, symptom.confidence),
        "not-checked" => (classify::unchecked(dossier), Confidence::Proven),
        _ if dossier.seal.room.passed() && about::is_of_the_code(symptom) => {
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
    match class {
        CauseClass::OwnCode => of_the_code(graph, symptom, confidence),
        CauseClass::Conduct => RootCause {
            deed: Some(quote::head(&symptom.sentence)),
            ..made(graph, class, "", conduct(graph), confidence)
        },
        _ => made(graph, class, "", Chain::of(&[graph.symptom()]), confidence),
    }
}

/// The version of the function that has what was found, as surely as it is known.
fn of_the_code(graph: &Graph<'_>, symptom: &Finding, confidence: Confidence) -> RootCause {
    let by_line = |line: Option<u32>| brought_in::by_line(graph, line?);
    let line = match &symptom.place {
        Place::Function { line } => *line,
        _ => None,
    };
    let tried = replay::since(graph, symptom);
    let confidence = match tried {
        Some(BroughtIn { is_tried: true, .. }) => confidence.max(Confidence::Reproduced),
        _ => confidence,
    };
    let version = tried
        .map(|one| one.version)
        .or_else(|| by_line(line))
        .or_else(|| graph.version_at(&graph.dossier.seal.spec.function_path(), graph.symptom()));
    let events: Vec<usize> = version.into_iter().chain([graph.symptom()]).collect();
    made(
        graph,
        CauseClass::OwnCode,
        "",
        Chain::of(&events),
        confidence,
    )
}

/// The first thing that the finding is about, and where what it used came from.
fn conduct(graph: &Graph<'_>) -> Chain {
    let shown = graph.before(graph.symptom(), Tie::Shows);
    let mut events: Vec<usize> = shown.first().copied().into_iter().collect();
    if let Some(from) = events.first().map(|at| graph.before(*at, Tie::Used)) {
        events.splice(0..0, from.first().copied());
    }
    let asker = events.first().map(|at| graph.before(*at, Tie::Asked));
    events.push(graph.symptom());
    Chain::of(&events).after(&asker.unwrap_or_default())
}

fn made(
    graph: &Graph<'_>,
    class: CauseClass,
    target: &str,
    chain: Chain,
    confidence: Confidence,
) -> RootCause {
    RootCause {
        class,
        target: target.to_owned(),
        wanted: None,
        deed: None,
        chain: chain.steps(graph),
        reaction: Reaction::WentOn,
        confidence,
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod traced;
