//! From a text to its facts, or the reason why not.

use std::thread;

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use super::collect;
use super::facts::Source;
use super::nesting;
use super::tree::Tree;
use crate::domain::limits;

/// Why a source could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// More than [`limits::SOURCE_BYTES`].
    #[error("it has {0} bytes, more than are read")]
    TooLarge(usize),
    /// Deeper than [`limits::SOURCE_NESTING`], or more to put together than [`limits::SOURCE_STEPS`].
    #[error("it is too tangled")]
    TooTangled,
    /// The grammar does not know it.
    #[error("line {line} is no TypeScript")]
    NotTypeScript {
        /// From 1.
        line: u32,
    },
    /// The machine has no room for it at the moment.
    #[error("there was no room for reading it")]
    NoRoom,
}

/// Reads a source. The parser calls itself for every level of the text, so it gets a stack of its own that the longest
/// and worst text which is let in cannot use up.
pub fn source(text: &str) -> Result<Source, Unread> {
    if text.len() > limits::SOURCE_BYTES {
        return Err(Unread::TooLarge(text.len()));
    }
    if !nesting::is_within(text, limits::SOURCE_NESTING) {
        return Err(Unread::TooTangled);
    }
    thread::scope(|scope| {
        thread::Builder::new()
            .stack_size(limits::SOURCE_STACK_BYTES)
            .spawn_scoped(scope, || parse(text))
            .map_err(|_| Unread::NoRoom)?
            .join()
            .unwrap_or(Err(Unread::TooTangled))
    })
}

fn parse(text: &str) -> Result<Source, Unread> {
    let arena = Allocator::default();
    let parsed = Parser::new(&arena, text, SourceType::ts())
        .with_options(ParseOptions {
            preserve_parens: false,
            ..ParseOptions::default()
        })
        .parse();
    let program = parsed.program;
    if parsed.panicked || !parsed.diagnostics.is_empty() {
        let first = parsed.diagnostics.iter().next();
        let label = first.and_then(|told| told.labels.first().map(|label| label.offset()));
        return Err(Unread::NotTypeScript {
            line: Tree::line_in(text, label.unwrap_or(0)),
        });
    }
    let built = SemanticBuilder::new()
        .with_build_nodes(true)
        .build(&program);
    let tree = Tree::new(&built.semantic, text);
    let source = collect::facts(&tree, &program.comments);
    if tree.is_exhausted() {
        return Err(Unread::TooTangled);
    }
    Ok(source)
}
