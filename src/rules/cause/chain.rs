//! The way from a cause to what was found, as at most [`limits::CAUSE_STEPS`] steps.

use crate::domain::cause::CauseStep;
use crate::domain::limits;

use super::graph::Graph;

/// Events of a graph, the cause first and what was found last.
pub(super) struct Chain {
    events: Vec<usize>,
    /// What asked for the first of them; told where there is room.
    asker: Option<usize>,
}

impl Chain {
    pub fn of(events: &[usize]) -> Self {
        Self {
            events: events.to_vec(),
            asker: None,
        }
    }

    /// The same with what came before the cause.
    pub fn after(self, askers: &[usize]) -> Self {
        Self {
            asker: askers.first().copied(),
            ..self
        }
    }

    /// As a person reads it. The ends are always told, and of what lies between the later things.
    pub fn steps(self, graph: &Graph<'_>) -> Vec<CauseStep> {
        let told = |at: &usize| graph.events[*at].step();
        let mut steps: Vec<CauseStep> = self.events.iter().filter_map(told).collect();
        steps.dedup_by(|a, b| a.place == b.place && a.quote == b.quote);
        while steps.len() > limits::CAUSE_STEPS {
            steps.remove(1);
        }
        let asker = self.asker.as_ref().and_then(told);
        if let Some(asker) = asker.filter(|one| {
            steps.len() < limits::CAUSE_STEPS && steps.iter().all(|step| step.place != one.place)
        }) {
            steps.insert(0, asker);
        }
        steps
    }
}
