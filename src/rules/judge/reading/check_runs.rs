//! How the checks that an agent ran ended: compiling, dry-running, testing.

use super::nango_cli::{Check, check_of};
use super::shell::{Reading, ShellCommand};

/// The commands of the transcript that ran this check.
pub fn runs<'a, 'd>(
    commands: &'a [ShellCommand<'d>],
    check: Check,
) -> impl DoubleEndedIterator<Item = &'a ShellCommand<'d>> {
    commands
        .iter()
        .filter(move |command| is_run(command, check))
}

/// Whether a command ran this check.
pub fn is_run(command: &ShellCommand<'_>, check: Check) -> bool {
    let mut checks = command.starts().iter().filter_map(check_of);
    checks.any(|found| found == check)
}

/// The last of them.
pub fn last_run<'a, 'd>(
    commands: &'a [ShellCommand<'d>],
    check: Check,
) -> Option<&'a ShellCommand<'d>> {
    runs(commands, check).next_back()
}

/// Whether the command shows that its check failed. A bad exit code says so only when nothing else was in the line.
pub fn shows_failure(command: &ShellCommand<'_>, check: Check) -> bool {
    let checks = command.starts().iter().filter_map(check_of).count();
    let alone = command.starts().len() == 1 && checks == 1;
    let bad_exit = command.call.exit.is_some_and(|code| code != 0);
    let output = &command.call.output;
    (alone && bad_exit)
        || failures(check)
            .iter()
            .any(|failure| output.contains(failure))
}

/// What the programs print when they fail (Nango CLI 0.71.10, vitest 2.1.9).
fn failures(check: Check) -> &'static [&'static str] {
    match check {
        Check::Tests => &[
            "FAIL ",
            "Test Files  1 failed",
            " failed |",
            "No test files found",
            "no tests",
        ],
        Check::DryRun => &[
            "An error occurred during execution",
            "Request failed with status code",
            "invalid_action_output",
            "invalid_action_input",
            "invalid_sync_record",
            "Failed to compile",
        ],
        Check::Compile => &["err - ", "Failed to build", "Failed to compile"],
    }
}

/// Whether a command may have run a check that we cannot see: it is opaque, or starts a script.
pub fn may_hide_a_check(command: &ShellCommand<'_>) -> bool {
    command.reading == Reading::Opaque
        || command.starts().iter().any(|start| {
            let program = start.program();
            let script = [".sh", ".js", ".mjs", ".cjs", ".ts", ".py"]
                .iter()
                .any(|ending| {
                    program.ends_with(ending) || start.operands().any(|arg| arg.ends_with(ending))
                });
            let runs = matches!(
                program,
                "bash" | "sh" | "node" | "python" | "python3" | "source" | "." | "tsx" | "make"
            ) || program.ends_with(".sh");
            (runs && (script || program == "make"))
                || (matches!(program, "npm" | "pnpm" | "yarn" | "bun")
                    && start.operands().next() == Some("run"))
        })
}
