//! The parser, kept from what it does not come back from.

use brush_parser::{Parser, ParserOptions, ast};

use crate::domain::limits;

/// Parses on a stack of its own: the parser is other people's code and the text is the agent's, so neither a panic nor
/// deep recursion in it may end the judging.
pub(super) fn parse(text: &str, options: &ParserOptions) -> Option<ast::Program> {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(limits::PARSER_STACK_BYTES)
            .spawn_scoped(scope, || {
                Parser::new(text.as_bytes(), options).parse_program()
            })
            .ok()?
            .join()
            .ok()?
            .ok()
    })
}

/// Whether the text can be given to the parser, which goes as deep as its input does and, with round brackets, takes
/// twice as long for each. Counts everything that can open a level, closed again or not, quoted or not, because what
/// closes one may itself be quoted; a call such as `f(x)` in a script's text opens none.
pub(super) fn is_shallow(text: &str) -> bool {
    let (mut opened, mut brackets) = (0_usize, 0_usize);
    let mut last = ' ';
    for c in text.chars() {
        match c {
            '(' if last == '$' => opened += 1,
            '(' if last.is_alphanumeric() || matches!(last, '_' | ')' | ']' | '.') => {}
            '(' => brackets += 1,
            '{' => opened += 1,
            '`' | '!' => opened += 1,
            '[' if matches!(last, '[' | '$') => opened += 1,
            _ => {}
        }
        last = c;
    }
    const OPENING: &[&str] = &[
        "if", "while", "until", "for", "case", "coproc", "select", "function", "time",
    ];
    opened += text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| OPENING.contains(word))
        .count();
    brackets += text.matches("case ").count();
    // Subscripts nest as well, but cost little each.
    let subscripts = text.matches('[').count();
    subscripts <= 8 * limits::COMMAND_NESTING
        && opened <= limits::COMMAND_NESTING
        && brackets <= limits::COMMAND_BRACKETS
}
