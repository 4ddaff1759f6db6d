//! Causes put to the test: what would have been found without them. Pure, on the evidence that is kept.
//!
//! Two things can be tried without running anything, for rules read evidence and nothing else. *Had the API said yes*: the
//! refused request gets the answer that the agent's recording claims for it, all else stays, and the rule judges again. When the
//! finding goes, all that was made up stands for what was refused; when it stays, other things were made up, too. (That
//! the API would have said just that is not shown.) *With the version before*: an earlier version of the function takes the
//! place of the last one. When the finding goes with it, the version after it brought it in.
//!
//! The finding's own evidence is never taken away: a finding without its evidence always goes, and that shows nothing. What
//! needs a program to run again (types, dry runs, tests, probes) and what is about what an agent thought cannot be tried.

use std::borrow::Cow;

use crate::domain::clean_room::Taken;
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::tape::{Body, Exchange, Phase};
use crate::rules::judge::RULES;
use crate::rules::judge::reading::recording::RecordedCall;

use super::brought_in::BroughtIn;
use super::errors::WireError;
use super::graph::{Graph, Put};
use super::{classify, offered};

/// What became of the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is not found any more.
    Gone,
    /// It is found all the same.
    Stays,
}

/// Had the API said yes. Nothing where the recording has no success for the refused request, or the rule is not known.
pub(super) fn had_it_said_yes(
    graph: &Graph<'_>,
    error: &WireError<'_>,
    symptom: &Finding,
) -> Option<Outcome> {
    let claimed = offered::stands_for(graph.offered.as_ref(), error.exchange)?;
    let mut granted = graph.dossier.clone();
    let refused = granted.tape.exchanges.iter_mut().filter(|one| {
        one.phase == Phase::Agent
            && (&one.method, &one.path) == (&error.exchange.method, &error.exchange.path)
            && classify::exchange(one) == Some(error.class)
    });
    for exchange in refused {
        grant(exchange, claimed);
    }
    outcome(&granted, symptom)
}

fn grant(exchange: &mut Exchange, call: &RecordedCall) {
    let text = call.response.to_string();
    exchange.status = call.status.unwrap_or(200);
    exchange.refused = None;
    exchange.response = Body {
        bytes: text.len() as u64,
        digest: Some(Digest::of(text.as_bytes())),
        text: Some(text),
        cut: false,
        media_type: Some("application/json".to_owned()),
    };
}

/// The version of the function that a finding about its source came with: it is found in that one and not in the one before.
pub(super) fn since(graph: &Graph<'_>, symptom: &Finding) -> Option<BroughtIn> {
    let dossier = graph.dossier;
    let taken = dossier.seal.room.function.source()?;
    let taken = dossier.text(taken)?;
    let versions = graph.versions(&dossier.seal.spec.function_path());
    let from = versions.len().saturating_sub(limits::CAUSE_VERSIONS);
    let mut after: Option<usize> = None;
    for (nth, (at, version)) in versions.iter().enumerate().skip(from).rev() {
        let is_last = nth + 1 == versions.len();
        let content = match &version.put {
            _ if is_last => Cow::Borrowed(taken),
            Put::Whole(content) => content.clone(),
            Put::Part(_) | Put::Unknown => return None,
        };
        match (outcome(&with_function(dossier, &content), symptom)?, after) {
            (Outcome::Stays, _) => after = Some(*at),
            // As it was judged it is found, so this is not what was judged.
            (Outcome::Gone, None) => return None,
            (Outcome::Gone, Some(version)) => {
                return Some(BroughtIn {
                    version,
                    shown: None,
                    is_tried: true,
                });
            }
        }
    }
    None
}

fn with_function(dossier: &Dossier, source: &str) -> Dossier {
    let digest = Digest::of(source.as_bytes());
    let mut other = dossier.clone().keeping(digest.clone(), source.as_bytes());
    other.seal.room.function = Taken::Source {
        digest,
        bytes: source.len() as u64,
    };
    other
}

/// Judges by the symptom's rule alone.
fn outcome(dossier: &Dossier, symptom: &Finding) -> Option<Outcome> {
    let name = symptom.rule.as_str();
    let rule = RULES.iter().find(|rule| rule.finds.contains(&name))?;
    let own = symptom
        .overruled
        .as_ref()
        .map_or(symptom.severity, |overruled| overruled.own);
    let mut found = (rule.find)(dossier).into_iter();
    let is_found = found.any(|finding| finding.rule == name && finding.severity >= own);
    Some(if is_found {
        Outcome::Stays
    } else {
        Outcome::Gone
    })
}
