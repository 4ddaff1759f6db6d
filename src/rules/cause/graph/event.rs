//! What happened, one thing at a time.

use crate::domain::cause::CauseStep;
use crate::domain::deed::Deed;
use crate::domain::finding::{Finding, Place};
use crate::domain::tape::Exchange;
use crate::domain::transcript::ToolCall;
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::shell::ShellCommand;

use super::versions::Version;

/// A tool call with its turn.
#[derive(Clone, Copy)]
pub(in crate::rules::cause) struct Called<'a> {
    /// See [`crate::domain::transcript::Turn::number`].
    pub turn: u32,
    /// The call.
    pub call: &'a ToolCall,
}

/// What an event is.
pub(in crate::rules::cause) enum What<'a> {
    /// A file was made or changed.
    Version(Called<'a>, Version<'a>),
    /// A shell command.
    Command(&'a ShellCommand<'a>),
    /// Any other tool call: something was read.
    Call(Called<'a>),
    /// A request and its answer.
    Exchange(&'a Exchange),
    /// The step of the clean room that failed.
    Step,
    /// What was found.
    Symptom(&'a Finding),
}

/// Something that happened.
pub(in crate::rules::cause) struct Event<'a> {
    /// When it began.
    pub at_ms: i64,
    /// What it is.
    pub what: What<'a>,
}

impl<'a> Event<'a> {
    /// The tool call that it is, or is a part of.
    pub fn called(&self) -> Option<Called<'a>> {
        match &self.what {
            What::Version(called, _) | What::Call(called) => Some(*called),
            What::Command(command) => Some(Called {
                turn: command.turn,
                call: command.call,
            }),
            What::Exchange(_) | What::Step | What::Symptom(_) => None,
        }
    }

    /// It as a step of a chain; nothing for a step of the clean room, which the finding about it names.
    pub fn step(&self) -> Option<CauseStep> {
        let (place, said) = match &self.what {
            What::Version(called, version) => (turn(called.turn), made(called.call, version)),
            What::Command(command) => (turn(command.turn), command.text.to_owned()),
            What::Call(called) => (turn(called.turn), read(called.call)),
            What::Exchange(exchange) => (Place::Wire { seq: exchange.seq }, exchange.line()),
            What::Step => return None,
            What::Symptom(finding) => {
                return Some(CauseStep {
                    place: finding.place.clone(),
                    at_ms: None,
                    quote: finding.rule.clone(),
                });
            }
        };
        Some(CauseStep {
            place,
            at_ms: Some(self.at_ms),
            quote: quote::line(&said),
        })
    }
}

fn turn(number: u32) -> Place {
    Place::Turn { number }
}

fn made(call: &ToolCall, version: &Version<'_>) -> String {
    match &call.deed {
        Deed::Shell { command, .. } => command.clone(),
        _ => format!("{} {}", call.tool, version.path),
    }
}

fn read(call: &ToolCall) -> String {
    match &call.deed {
        Deed::Read { path } | Deed::List { path } => format!("{} {path}", call.tool),
        Deed::Fetch { url } => format!("{} {url}", call.tool),
        _ => call.tool.clone(),
    }
}
