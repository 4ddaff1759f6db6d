//! Which event leads to which.

use crate::domain::clean_room::Trial;
use crate::domain::finding::{Exhibit, Finding, Place};
use crate::domain::limits;
use crate::domain::tape::Phase;
use crate::rules::cause::errors::is_like;
use crate::rules::cause::{about, classify};
use crate::rules::judge::reading::check_runs;
use crate::rules::judge::reading::nango_cli::Check;
use crate::rules::judge::reading::places::last_id;

use super::anchors::{exchange, placed, quoted, symptom};
use super::event::What;
use super::nodes::{Errors, Graph, Tie};
use super::{answers, recordings};

pub(super) fn draw(graph: &mut Graph<'_>, findings: &[Finding], errors: Errors<'_, '_>) {
    asked(graph);
    read(graph);
    in_our_room(graph, errors);
    shown(graph);
    if about::is_about_evidence(symptom(graph)) {
        recordings::recordings(graph, findings, errors);
    } else if graph.dossier.seal.room.function.source().is_none() {
        prevented(graph, errors);
    }
    answers::answered(graph, findings);
    used(graph);
}

/// The command in whose time a request came asked it.
fn asked(graph: &mut Graph<'_>) {
    let all = graph.events.iter().enumerate();
    let callers: Vec<(usize, i64, i64)> = all
        .filter(|(_, event)| !matches!(event.what, What::Version(..)))
        .filter_map(|(at, event)| {
            let call = event.called()?.call;
            Some((at, call.started_ms, call.ended_ms))
        })
        .collect();
    for at in 0..graph.events.len() {
        let Some(exchange) = exchange(graph, at).filter(|one| one.phase == Phase::Agent) else {
            continue;
        };
        let until = callers.partition_point(|(_, began, _)| *began <= exchange.at_ms);
        let near = &callers[until.saturating_sub(limits::CAUSE_ASKERS)..until];
        let asker = near.iter().find(|(_, _, ended)| *ended >= exchange.at_ms);
        if let Some((asker, ..)) = asker {
            graph.tie(*asker, at, Tie::Asked);
        }
    }
}

/// A check reads the function as it is then, and the clean room reads the last version.
fn read(graph: &mut Graph<'_>) {
    let versions = graph.versions(&graph.dossier.seal.spec.function_path());
    let versions: Vec<usize> = versions.into_iter().map(|(at, _)| at).collect();
    for at in 0..graph.events.len() {
        let reads = match &graph.events[at].what {
            What::Command(command) => [Check::Compile, Check::DryRun, Check::Tests]
                .into_iter()
                .any(|check| check_runs::is_run(command, check)),
            What::Step => true,
            _ => false,
        };
        let before = versions.partition_point(|version| *version < at);
        if let Some(version) = before.checked_sub(1).filter(|_| reads) {
            graph.tie(versions[version], at, Tie::Read);
        }
    }
}

/// What our own run met, and what it met as the agent had.
fn in_our_room(graph: &mut Graph<'_>, errors: Errors<'_, '_>) {
    let Some(step) = graph.find(|event| matches!(event.what, What::Step)) else {
        return;
    };
    let failed = graph.dossier.seal.room.failed_step();
    // Types and tests ask nobody.
    let asks = matches!(failed, Some((Trial::Validate | Trial::Save, _)));
    for at in 0..graph.events.len() {
        let Some(ours) = exchange(graph, at).filter(|one| one.phase == Phase::CleanRoom) else {
            continue;
        };
        if !asks || classify::exchange(ours).is_none() {
            continue;
        }
        let theirs = errors.wire.iter().filter(|error| is_like(ours, error));
        for seq in theirs.map(|error| error.exchange.seq).collect::<Vec<_>>() {
            if let Some(theirs) = graph.exchange(seq) {
                graph.tie(theirs, at, Tie::Again);
            }
        }
        graph.tie(at, step, Tie::Failed);
    }
    if !matches!(
        symptom(graph).place,
        Place::Turn { .. } | Place::Workspace { .. }
    ) {
        graph.tie(step, graph.symptom(), Tie::Shows);
    }
}

/// What the finding points at and quotes. A refusal that it quotes is no cause of it by that alone.
fn shown(graph: &mut Graph<'_>) {
    let finding = symptom(graph);
    for at in placed(graph, finding) {
        graph.tie(at, graph.symptom(), Tie::Shows);
    }
    for exhibit in &finding.evidence {
        let events = match exhibit {
            // What was received leads to what was written of it.
            Exhibit::Wire { .. } if is_made_up(finding) => Vec::new(),
            Exhibit::Wire { seq, .. } => graph
                .exchange(*seq)
                .filter(|at| {
                    about::is_honest_end(finding)
                        || exchange(graph, *at).is_some_and(|one| classify::exchange(one).is_none())
                })
                .into_iter()
                .collect(),
            Exhibit::Turn { number, quote, .. } => quoted(graph, *number, quote),
            Exhibit::Diff { .. } | Exhibit::Output { .. } | Exhibit::Claimed { .. } => Vec::new(),
        };
        for at in events {
            graph.tie(at, graph.symptom(), Tie::Shows);
        }
    }
}

/// Whether it is about a recording, so that who wrote it is looked for.
fn is_made_up(finding: &Finding) -> bool {
    about::is_about_evidence(finding) && !about::is_honest_end(finding)
}

/// Where there is no function: what was in the way.
fn prevented(graph: &mut Graph<'_>, errors: Errors<'_, '_>) {
    let mut from: Vec<usize> = Vec::new();
    for error in errors.wire {
        from.extend(graph.exchange(error.exchange.seq));
    }
    for error in errors.told {
        from.extend(graph.find(|event| {
            event
                .called()
                .is_some_and(|called| std::ptr::eq(called.call, error.call))
        }));
    }
    for at in from {
        graph.tie(at, graph.symptom(), Tie::Prevented);
    }
}

/// Where the id of a request that was found came from.
fn used(graph: &mut Graph<'_>) {
    let Place::Wire { seq } = symptom(graph).place else {
        return;
    };
    let Some(at) = graph.exchange(seq) else {
        return;
    };
    let Some(id) = exchange(graph, at).and_then(last_id) else {
        return;
    };
    let answer = |at: &usize| {
        let text = exchange(graph, *at).and_then(|one| one.response.text.as_deref());
        text.is_some_and(|text| text.contains(&id))
    };
    let output = |at: &usize| {
        let called = graph.events[*at].called();
        called.is_some_and(|called| called.call.output.contains(&id))
    };
    let from = (0..at).find(answer).or_else(|| (0..at).find(output));
    if let Some(from) = from {
        graph.tie(from, at, Tie::Used);
    }
}
