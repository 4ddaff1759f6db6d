//! Loops that only count: `for i in $(seq 1 30)`, `for i in {1..30}`.

use tree_sitter::Node;

/// How many rounds a `for` makes that counts; nothing for one that goes through words or files, which are each something else.
pub(super) fn rounds(node: Node<'_>, text: &str) -> Option<u32> {
    let mut cursor = node.walk();
    let mut values = node.children_by_field_name("value", &mut cursor);
    let value = values.next()?;
    let counts = text[value.byte_range()].trim();
    values.next().is_none().then(|| range(counts)).flatten()
}

/// Whether something in a loop's body may end it before it has counted to its end.
pub(super) fn may_end(body: Node<'_>, text: &str) -> bool {
    let mut words = text[body.byte_range()].split(|letter: char| !letter.is_alphanumeric());
    words.any(|word| matches!(word, "break" | "exit" | "return"))
}

/// `$(seq 30)`, `$(seq 1 30)`, `$(seq 1 2 30)`, `` `seq 30` ``, `{1..30}`.
fn range(word: &str) -> Option<u32> {
    if let Some(braces) = word
        .strip_prefix('{')
        .and_then(|word| word.strip_suffix('}'))
    {
        let (from, to) = braces.split_once("..")?;
        return steps(from.parse().ok()?, 1, to.parse().ok()?);
    }
    let inner = word
        .strip_prefix("$(")
        .and_then(|word| word.strip_suffix(')'))
        .or_else(|| {
            word.strip_prefix('`')
                .and_then(|word| word.strip_suffix('`'))
        })?;
    let numbers: Vec<i64> = inner
        .trim()
        .strip_prefix("seq ")?
        .split_whitespace()
        .map(|number| number.parse().ok())
        .collect::<Option<_>>()?;
    match numbers[..] {
        [to] => steps(1, 1, to),
        [from, to] => steps(from, 1, to),
        [from, step, to] => steps(from, step, to),
        _ => None,
    }
}

fn steps(from: i64, step: i64, to: i64) -> Option<u32> {
    let span = to.checked_sub(from)?.checked_abs()?;
    let step = step.checked_abs().filter(|step| *step > 0)?;
    u32::try_from(span / step + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::range;
    use crate::rules::judge::reading::shell::start::Reading;
    use crate::rules::judge::reading::shell::walker::Walker;

    fn counted(command: &str) -> Vec<u32> {
        match Walker::new("").walk(command) {
            Reading::Starts(starts) => starts
                .iter()
                .filter(|start| start.program() == "vitest")
                .map(|start| start.counted)
                .collect(),
            Reading::Opaque => panic!("{command}"),
        }
    }

    #[test]
    fn ranges_are_counted() {
        for (word, rounds) in [
            ("$(seq 30)", Some(30)),
            ("$(seq 1 30)", Some(30)),
            ("$(seq 2 2 10)", Some(5)),
            ("`seq 3`", Some(3)),
            ("{1..4}", Some(4)),
            ("{4..1}", Some(4)),
            ("$(seq 1 0 9)", None),
            ("$(ls)", None),
            ("{a,b}", None),
            ("*.ts", None),
            ("$(seq -9223372036854775808 1 9223372036854775807)", None),
        ] {
            assert_eq!(range(word), rounds, "{word}");
        }
    }

    #[test]
    fn what_a_loop_starts_is_counted_and_nothing_else() {
        assert_eq!(
            counted("for i in $(seq 1 30); do vitest run x-$i; done; vitest run"),
            [30, 0]
        );
        assert_eq!(
            counted("for i in {1..3}; do for j in {1..4}; do vitest run; done; done"),
            [12]
        );
        assert_eq!(
            counted("for i in {1..5}; do vitest run && break; sleep 2; done"),
            [0]
        );
        assert_eq!(
            counted("for f in a.ts b.ts c.ts d.ts e.ts; do vitest run $f; done"),
            [0]
        );
        assert_eq!(counted("until vitest run; do sleep 5; done"), [0]);
    }
}
