//! A function and its modules as one source: what a rule misses in one file may stand in another, and what it finds may
//! stand in any.
//!
//! Lines of modules go on behind those of the function, each file `LINES` further on, so that a finding's line tells its
//! file.

use super::facts::{Line, Source};

/// So many lines has no file of [`crate::domain::limits::SOURCE_BYTES`].
const LINES: u32 = 1_000_000;

/// The line of a file that a line of the joined source is: the number of the module (the function has none), and its line.
pub fn place(line: u32) -> (Option<usize>, u32) {
    let number = usize::try_from(line / LINES).unwrap_or(usize::MAX);
    (number.checked_sub(1), line % LINES)
}

/// The function with its modules behind it, at most 4,000 of them. What it makes and when it checkpoints is the function's.
pub fn joined(mut function: Source, modules: Vec<Source>) -> Source {
    for (by, module) in (1..4_000).map(|number| number * LINES).zip(modules) {
        append(&mut function, module, by);
    }
    function
}

fn append(to: &mut Source, module: Source, by: u32) {
    let lines = |lines: Vec<Line>| {
        lines.into_iter().map(move |line| Line {
            line: line.line + by,
            ..line
        })
    };
    to.comments.extend(lines(module.comments));
    to.names.extend(lines(module.names));
    to.members.extend(lines(module.members));
    to.kept.extend(lines(module.kept));
    to.unchecked = to.unchecked.or(module.unchecked.map(|line| line + by));
    to.swallowed
        .extend(module.swallowed.into_iter().map(|line| line + by));
    macro_rules! shifted {
        ($($field:ident),*) => {$(
            to.$field.extend(module.$field.into_iter().map(|mut one| {
                one.line += by;
                one
            }));
        )*};
    }
    shifted!(
        modules,
        texts,
        uses,
        changed,
        exposed,
        hidden,
        schemas,
        casts,
        fallbacks,
        comparisons,
        throws
    );
    to.calls.extend(module.calls.into_iter().map(|mut call| {
        call.line += by;
        call.looped = call.looped.map(|line| line + by);
        call.lastly = call.lastly.map(|line| line + by);
        call
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::judge::reading::typescript::read;

    #[test]
    fn a_line_tells_its_file() {
        let source = |text| read::source(text).expect("a source");
        let one = source("export const a = 1;\n");
        let two = source("// @ts-nocheck\n\nexport const b = eval('1');\n");
        let joined = joined(one.clone(), vec![one, two]);
        let used = joined.uses.iter().find(|used| used.path.names[0] == "eval");
        assert_eq!(used.map(|used| place(used.line)), Some((Some(1), 3)));
        assert_eq!(joined.unchecked.map(place), Some((Some(1), 1)));
        assert_eq!(place(joined.names[0].line), (None, 1));
    }
}
