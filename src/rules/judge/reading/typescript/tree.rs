//! The tree of a source with what is needed to walk it: lines, and a bound for the work.

use std::cell::Cell;
use std::collections::HashMap;

use oxc_ast::AstKind;
use oxc_semantic::{NodeId, Semantic, SymbolId};
use oxc_span::Span;

use super::bindings::{self, Binding};
use crate::domain::limits;

/// A source that was parsed.
pub struct Tree<'a> {
    /// What refers to what.
    pub semantic: &'a Semantic<'a>,
    /// What each name was given.
    pub bindings: HashMap<SymbolId, Binding<'a>>,
    /// The whole text.
    pub text: &'a str,
    lines: Vec<u32>,
    steps: Cell<usize>,
}

impl<'a> Tree<'a> {
    /// Of a source.
    pub fn new(semantic: &'a Semantic<'a>, text: &'a str) -> Self {
        let starts = text.bytes().zip(1_u32..);
        Self {
            semantic,
            bindings: bindings::of(semantic, text),
            text,
            lines: starts
                .filter(|(byte, _)| *byte == b'\n')
                .map(|(_, next)| next)
                .collect(),
            steps: Cell::new(0),
        }
    }

    /// The line of a byte of a text, from 1.
    pub fn line_in(text: &str, at: u32) -> u32 {
        let before = text.bytes().take(at as usize);
        before.filter(|byte| *byte == b'\n').count() as u32 + 1
    }

    /// The line of a place, from 1.
    pub fn line(&self, span: Span) -> u32 {
        self.lines.partition_point(|start| *start <= span.start) as u32 + 1
    }

    /// Counts a step; there are none left when this says no.
    pub fn step(&self) -> bool {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        steps <= limits::SOURCE_STEPS
    }

    /// Whether something was left out because it took too many steps.
    pub fn is_exhausted(&self) -> bool {
        self.steps.get() > limits::SOURCE_STEPS
    }

    /// What stands around a node, the nearest first.
    pub fn around(&self, id: NodeId) -> impl Iterator<Item = AstKind<'a>> + '_ {
        let nodes = self.semantic.nodes();
        nodes.ancestor_kinds(id).take_while(|_| self.step())
    }

    /// What a name refers to; nothing for a global.
    pub fn symbol(&self, name: &oxc_ast::ast::IdentifierReference<'a>) -> Option<SymbolId> {
        let scoping = self.semantic.scoping();
        let reference = name.reference_id.get()?;
        scoping.get_reference(reference).symbol_id()
    }

    /// Whether a name is of a value and not of a type.
    pub fn is_value(&self, name: &oxc_ast::ast::IdentifierReference<'a>) -> bool {
        let scoping = self.semantic.scoping();
        let reference = name.reference_id.get();
        reference.is_some_and(|reference| !scoping.get_reference(reference).is_type())
    }
}

/// Whether the first lies within the second.
pub fn is_in(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
