//! Ways through the graph.

use std::collections::VecDeque;

use super::nodes::{Graph, Tie};

/// A way from one event to another.
pub(in crate::rules::cause) struct Way {
    /// The events, both ends among them.
    pub events: Vec<usize>,
    /// Whether the evidence shows each tie on it.
    pub is_sure: bool,
}

impl Graph<'_> {
    /// The shortest way to what was found; none when nothing leads there.
    pub fn way_from(&self, from: usize) -> Option<Way> {
        let next = self.towards(self.symptom());
        let mut events = vec![from];
        let mut is_sure = true;
        let mut at = from;
        while at != self.symptom() {
            let (to, tie) = next[at]?;
            is_sure &= tie.is_sure();
            events.push(to);
            at = to;
        }
        Some(Way { events, is_sure })
    }

    /// What comes directly before this, by a tie of one kind.
    pub fn before(&self, to: usize, tie: Tie) -> Vec<usize> {
        let mut before: Vec<usize> = self
            .edges
            .iter()
            .filter(|edge| edge.to == to && edge.tie == tie)
            .map(|edge| edge.from)
            .collect();
        before.sort_unstable();
        before.dedup();
        before
    }

    /// Whether a tie of this kind leads from here.
    pub fn leads(&self, from: usize, tie: Tie) -> bool {
        let mut edges = self.edges.iter();
        edges.any(|edge| edge.from == from && edge.tie == tie)
    }

    /// For each event the next on its shortest way to `end`: a walk backwards over all ties.
    fn towards(&self, end: usize) -> Vec<Option<(usize, Tie)>> {
        let mut into: Vec<Vec<(usize, Tie)>> = vec![Vec::new(); self.events.len()];
        for edge in &self.edges {
            into[edge.to].push((edge.from, edge.tie));
        }
        let mut next = vec![None; self.events.len()];
        let mut queue = VecDeque::from([end]);
        while let Some(at) = queue.pop_front() {
            for (from, tie) in &into[at] {
                if next[*from].is_none() && *from != end {
                    next[*from] = Some((at, *tie));
                    queue.push_back(*from);
                }
            }
        }
        next
    }
}
