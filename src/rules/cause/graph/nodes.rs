//! The graph itself: events, ties between them, and how both are looked up.

use crate::domain::dossier::Dossier;
use crate::rules::cause::errors::WireError;
use crate::rules::cause::told::ToldError;
use crate::rules::judge::reading::recording::Recording;

use super::event::{Event, What};
use super::versions::Version;

/// Why something leads to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rules::cause) enum Tie {
    /// A command or the clean room read this version.
    Read,
    /// A command asked this.
    Asked,
    /// Our own run was answered as the agent's was.
    Again,
    /// The answer made the step fail.
    Failed,
    /// The change came right after the error.
    Answers,
    /// The recording holds a success where this was refused.
    StandsFor,
    /// The recording was written after this was refused; it holds something else.
    CameAfter,
    /// Something out of it was used.
    Used,
    /// Nothing was written, and this was in the way.
    Prevented,
    /// What was found is about it.
    Shows,
}

impl Tie {
    /// Whether the evidence shows it, and not only the order of time.
    pub fn is_sure(self) -> bool {
        !matches!(
            self,
            Self::Answers | Self::CameAfter | Self::Prevented | Self::StandsFor
        )
    }
}

/// From one event to another, by their places in [`Graph::events`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    pub tie: Tie,
}

/// All events that a finding may come of.
pub(in crate::rules::cause) struct Graph<'a> {
    pub dossier: &'a Dossier,
    /// In the order of time, the clean room's last, and the symptom behind it.
    pub events: Vec<Event<'a>>,
    pub(super) edges: Vec<Edge>,
    /// The agent's recording, where the finding is about results.
    pub offered: Option<Recording>,
}

/// Errors that nothing resolved.
#[derive(Clone, Copy)]
pub(in crate::rules::cause) struct Errors<'a, 'e> {
    /// On the tape.
    pub wire: &'e [WireError<'a>],
    /// In the transcript.
    pub told: &'e [ToldError<'a>],
}

impl<'a> Graph<'a> {
    /// What was found.
    pub fn symptom(&self) -> usize {
        self.events.len() - 1
    }

    /// The first event of which this is true.
    pub fn find(&self, is_it: impl Fn(&Event<'a>) -> bool) -> Option<usize> {
        self.events.iter().position(is_it)
    }

    /// The versions of a file, in order.
    pub fn versions(&self, path: &str) -> Vec<(usize, &Version<'a>)> {
        let all = self.events.iter().enumerate();
        all.filter_map(|(at, event)| match &event.what {
            What::Version(_, version) if version.is_of(path) => Some((at, version)),
            _ => None,
        })
        .collect()
    }

    /// The version that was there when this happened.
    pub fn version_at(&self, path: &str, at: usize) -> Option<usize> {
        let all = self.versions(path);
        all.into_iter()
            .map(|(version, _)| version)
            .rfind(|version| *version < at)
    }

    /// The exchange with this number.
    pub fn exchange(&self, seq: u32) -> Option<usize> {
        self.find(|event| matches!(&event.what, What::Exchange(one) if one.seq == seq))
    }

    /// Draws a tie, from the earlier to the later.
    pub fn tie(&mut self, from: usize, to: usize, tie: Tie) {
        if from < to {
            self.edges.push(Edge { from, to, tie });
        }
    }
}
