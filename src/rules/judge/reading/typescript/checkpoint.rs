//! Whether what a sync reads of its checkpoint reaches a request.

use std::collections::BTreeSet;

use oxc_ast::AstKind;
use oxc_ast::ast::{AssignmentTarget, Expression, ForStatementLeft, SimpleAssignmentTarget};
use oxc_semantic::SymbolId;
use oxc_span::{GetSpan, Span};

use super::facts::{Checkpoint, Root};
use super::tree::{Tree, is_in};
use super::{options, path};

/// The checkpoint of a sync that declares or reads one.
pub fn of(tree: &Tree<'_>) -> Option<Checkpoint> {
    let declared = options::property(options::of(tree)?, "checkpoint");
    let flow = Flow::of(tree);
    let read = flow.reads.first().copied();
    let span = read.or(declared.map(|schema| schema.span()))?;
    Some(Checkpoint {
        line: tree.line(span),
        is_used: flow.is_used(),
    })
}

/// What the checkpoint's value is given to.
struct Flow {
    /// Where it is read.
    reads: Vec<Span>,
    /// Uses of names, in the order of the text.
    names: Vec<(Span, SymbolId)>,
    /// Where a value is given to names.
    gives: Vec<(Span, Vec<SymbolId>)>,
    /// What decides over requests: their arguments, those of the source's own functions, conditions.
    ends: Vec<Span>,
}

impl Flow {
    fn of(tree: &Tree<'_>) -> Self {
        let mut flow = Flow {
            reads: Vec::new(),
            names: Vec::new(),
            gives: Vec::new(),
            ends: Vec::new(),
        };
        for node in tree.semantic.nodes().iter() {
            match node.kind() {
                AstKind::IdentifierReference(name) => {
                    flow.names
                        .extend(tree.symbol(name).map(|symbol| (name.span, symbol)));
                }
                AstKind::VariableDeclarator(declared) => {
                    if let Some(init) = &declared.init {
                        flow.gives.push((init.span(), declared.id.get_symbol_ids()));
                    }
                }
                AstKind::AssignmentExpression(given) => {
                    flow.gives
                        .push((given.right.span(), target(tree, &given.left)));
                }
                AstKind::ForOfStatement(each) => {
                    if let ForStatementLeft::VariableDeclaration(left) = &each.left {
                        let items = left.declarations.iter();
                        let symbols = items.flat_map(|item| item.id.get_symbol_ids()).collect();
                        flow.gives.push((each.right.span(), symbols));
                    }
                }
                AstKind::CallExpression(call) => {
                    let Some(path) = path::of(tree, &call.callee) else {
                        continue;
                    };
                    let name = path.names.first().map_or("", String::as_str);
                    // A function of the source, or of another file of the project.
                    let is_own = path.root == Root::Local && path.names.len() == 1
                        || path.root == Root::Import && name.starts_with('.');
                    if path.starts(Root::Nango, &["getCheckpoint"]) {
                        flow.reads.push(call.span);
                    } else if is_own
                        || path.root == Root::Nango
                            && !matches!(name, "saveCheckpoint" | "log" | "clearCheckpoint")
                    {
                        flow.ends.push(call.span);
                    }
                }
                AstKind::IfStatement(choice) => flow.ends.push(choice.test.span()),
                AstKind::ReturnStatement(given) => flow.ends.push(given.span),
                _ => {}
            }
        }
        flow.names.sort_by_key(|(span, _)| span.start);
        flow
    }

    fn is_used(&self) -> bool {
        let is_end = |span: Span| self.ends.iter().any(|end| is_in(span, *end));
        if self.reads.iter().any(|read| is_end(*read)) {
            return true;
        }
        let mut held: BTreeSet<u32> = BTreeSet::new();
        // Each round holds one name more, or is the last.
        loop {
            let before = held.len();
            for (span, symbols) in &self.gives {
                let from_read = self.reads.iter().any(|read| is_in(*read, *span));
                if from_read || self.held_in(*span, &held) {
                    held.extend(symbols.iter().map(|symbol| symbol.index() as u32));
                }
            }
            if held.len() == before {
                break;
            }
        }
        self.ends.iter().any(|end| self.held_in(*end, &held))
    }

    /// Whether a name that holds something of the checkpoint stands in a place.
    fn held_in(&self, span: Span, held: &BTreeSet<u32>) -> bool {
        let from = self
            .names
            .partition_point(|(name, _)| name.start < span.start);
        let within = self.names[from..]
            .iter()
            .take_while(|(name, _)| name.end <= span.end);
        within
            .into_iter()
            .any(|(_, symbol)| held.contains(&(symbol.index() as u32)))
    }
}

/// The name that an assignment changes, itself or a part of it.
fn target(tree: &Tree<'_>, target: &AssignmentTarget<'_>) -> Vec<SymbolId> {
    let mut object = match target {
        AssignmentTarget::AssignmentTargetIdentifier(name) => {
            return tree.symbol(name).into_iter().collect();
        }
        target => match target.as_simple_assignment_target() {
            Some(SimpleAssignmentTarget::StaticMemberExpression(member)) => &member.object,
            Some(SimpleAssignmentTarget::ComputedMemberExpression(member)) => &member.object,
            _ => return Vec::new(),
        },
    };
    loop {
        if !tree.step() {
            return Vec::new();
        }
        object = match object.get_inner_expression() {
            Expression::Identifier(name) => return tree.symbol(name).into_iter().collect(),
            Expression::StaticMemberExpression(member) => &member.object,
            Expression::ComputedMemberExpression(member) => &member.object,
            _ => return Vec::new(),
        };
    }
}
