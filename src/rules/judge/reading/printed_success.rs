//! Successes that an agent prints itself, in the words of the programs that could know.

use super::shell::Start;

/// What programs of the tool chain print when they succeed (Nango CLI 0.71.10, vitest 2.1.9), letters only.
const PHRASES: &[&str] = &[
    "mocks saved to",
    "saved to tests",
    "test files 1 passed",
    "tests 1 passed",
    "testfiles 1 passed",
    "dry run completed",
    "generated 1 test file",
    "compiled successfully",
    "the dry run would produce the following results",
];

/// The phrase that a program prints because it was told to.
pub fn of(start: &Start) -> Option<&'static str> {
    let text = match start.program() {
        "echo" | "printf" => start.args().join(" "),
        // A file that is written is judged by where it lies, not by what it says.
        "cat" if start.writes.is_empty() => start.stdin.clone()?,
        _ => return None,
    };
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    PHRASES
        .iter()
        .find(|phrase| plain.contains(**phrase))
        .copied()
}
