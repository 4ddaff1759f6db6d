//! The finding as its own cause: the function's code, what the agent did, or nothing that is known.

use crate::domain::cause::{CauseClass, RootCause};
use crate::domain::finding::{Confidence, Finding, Place};
use crate::rules::judge::reading::quote;

use super::brought_in::{self, BroughtIn};
use super::chain::Chain;
use super::graph::{Graph, Tie};
use super::made::made;
use super::{about, classify, replay};

/// The finding is its own cause.
pub(super) fn own(graph: &Graph<'_>, symptom: &Finding) -> RootCause {
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
