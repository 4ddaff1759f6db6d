//! What happened in a build as a graph: [`Graph`]. Pure.
//!
//! Its events are the agent's commands and reads, versions of files, exchanges, the clean room's failed step and what was found.
//! A tie leads from what made something possible to what came of it, and says why it is drawn; some are sure (a command
//! asked this in its time), others are what people would take for a reason (an edit right after an error). A cause is an
//! event from which ties lead to what was found, and a chain is the shortest such way, so nothing is named that is merely
//! earlier. What is not tied: what an agent thought, and what scripts of its own did to files, unless a rule saw it.

mod anchors;
mod answers;
mod event;
mod nodes;
mod recordings;
mod ties;
mod versions;
mod way;

use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::domain::tape::Phase;
use crate::rules::judge::reading::shell::ShellCommand;

pub(super) use event::{Called, Event, What};
pub(super) use nodes::{Errors, Graph, Tie};
pub(super) use versions::Put;
pub(super) use way::Way;

use super::{about, offered};

impl<'a> Graph<'a> {
    /// The graph behind a finding. `findings` are all of its judgement.
    pub fn of(
        dossier: &'a Dossier,
        commands: &'a [ShellCommand<'a>],
        symptom: &'a Finding,
        findings: &[Finding],
        errors: Errors<'a, '_>,
    ) -> Self {
        let mut events = of_transcript(dossier, commands);
        let exchanges = |phase| {
            dossier.tape.of(phase).map(|exchange| Event {
                at_ms: exchange.at_ms,
                what: What::Exchange(exchange),
            })
        };
        events.extend(exchanges(Phase::Agent));
        // A command begins before what it asks, and a file is written before the command that wrote it goes on.
        events.sort_by_key(|event| event.at_ms);
        events.extend(exchanges(Phase::CleanRoom));
        let last = |what| Event {
            at_ms: dossier.seal.ended_ms,
            what,
        };
        if dossier.seal.room.failed_step().is_some() {
            events.push(last(What::Step));
        }
        events.push(last(What::Symptom(symptom)));
        let mut graph = Self {
            dossier,
            events,
            edges: Vec::new(),
            offered: about::is_about_evidence(symptom)
                .then(|| offered::recording(dossier))
                .flatten(),
        };
        ties::draw(&mut graph, findings, errors);
        graph
    }
}

/// What the agent did, file versions before the command that made them.
fn of_transcript<'a>(dossier: &'a Dossier, commands: &'a [ShellCommand<'a>]) -> Vec<Event<'a>> {
    let mut events = Vec::new();
    let mut commands = commands.iter().peekable();
    for (turn, call) in dossier.transcript.tool_calls() {
        let called = Called { turn, call };
        let mut made = versions::of_call(dossier, call);
        let command = commands.next_if(|command| std::ptr::eq(command.call, call));
        made.extend(
            command
                .into_iter()
                .flat_map(|command| versions::of_command(dossier, command)),
        );
        let is_read = made.is_empty();
        let mut all: Vec<What<'a>> = made
            .into_iter()
            .map(|version| What::Version(called, version))
            .collect();
        match command {
            Some(command) => all.push(What::Command(command)),
            None if is_read => all.push(What::Call(called)),
            None => {}
        }
        events.extend(all.into_iter().map(|what| Event {
            at_ms: call.started_ms,
            what,
        }));
    }
    events
}
