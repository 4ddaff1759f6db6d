//! Errors that only the transcript knows: what commands and pages told the agent, and nothing that went better later.

use crate::domain::cause::CauseClass;
use crate::domain::deed::Deed;
use crate::domain::dossier::Dossier;
use crate::domain::transcript::{ToolCall, ToolStatus};
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::shell::ShellCommand;

/// An error that a tool told the agent.
pub(super) struct ToldError<'a> {
    pub class: CauseClass,
    /// What was tried: the program and what it was to do, or a page's host.
    pub target: String,
    pub turn: u32,
    pub call: &'a ToolCall,
}

/// Words by which a class is known, whatever the exit code: with an update to offer, the CLI ends well having done nothing.
const SAID: &[(CauseClass, &[&str])] = &[
    (
        CauseClass::UpgradePrompt,
        &["would you like to upgrade", "do you want to upgrade"],
    ),
    (
        CauseClass::NoTests,
        &["no test files found", "no test suite found"],
    ),
];

/// Words by which the class of a command that failed is known, the surest first.
const FAILED: &[(CauseClass, &[&str])] = &[
    (
        CauseClass::UnknownCommand,
        &["unknown command", "unknown option"],
    ),
    (
        CauseClass::AmbiguousName,
        &["multiple integrations contain"],
    ),
    (
        CauseClass::ConnectionMissing,
        &[
            "no connection found",
            "unknown_connection",
            "connection not found",
            "failed to get connection",
        ],
    ),
    (
        CauseClass::EntryMissing,
        &["no entry point", "unable to find script file"],
    ),
    (
        CauseClass::FileDenied,
        &[
            "permission denied",
            "eacces",
            "read-only file system",
            "erofs",
            "operation not permitted",
        ],
    ),
    (
        CauseClass::NoNetwork,
        &[
            "enotfound",
            "could not resolve host",
            "eai_again",
            "econnrefused",
            "network is unreachable",
        ],
    ),
    (
        CauseClass::MissingPackage,
        &[
            "cannot find module",
            "cannot find package",
            "code e404",
            "is not in this registry",
        ],
    ),
    (CauseClass::NoTests, &["no tests found"]),
];

/// All of them, in order; those that went better later are left out.
pub(super) fn open<'a>(
    dossier: &'a Dossier,
    commands: &'a [ShellCommand<'a>],
) -> Vec<ToldError<'a>> {
    let of_commands = commands.iter().enumerate().filter_map(|(at, command)| {
        let class = class_of(command.call)?;
        let target = tried(command);
        let mut later = commands[at + 1..].iter();
        let is_resolved = later.any(|one| tried(one) == target && went_well(one.call));
        (!is_resolved).then_some(ToldError {
            class,
            target,
            turn: command.turn,
            call: command.call,
        })
    });
    let mut found: Vec<ToldError<'_>> = of_commands.chain(pages(dossier)).collect();
    found.sort_by_key(|error| (error.turn, error.call.started_ms));
    found
}

/// Pages that did not come, when no other of their host did.
fn pages(dossier: &Dossier) -> Vec<ToldError<'_>> {
    let fetched: Vec<(u32, &ToolCall, &str)> = dossier
        .transcript
        .tool_calls()
        .filter_map(|(turn, call)| match &call.deed {
            Deed::Fetch { url } => Some((turn, call, host(url))),
            _ => None,
        })
        .collect();
    let came = |host: &str| {
        let mut all = fetched.iter();
        all.any(|(_, call, of)| *of == host && call.status == ToolStatus::Completed)
    };
    let failed = fetched
        .iter()
        .filter(|(_, call, host)| call.status == ToolStatus::Error && !came(host));
    failed
        .map(|(turn, call, host)| ToldError {
            class: CauseClass::DocsUnavailable,
            target: quote::line(host),
            turn: *turn,
            call,
        })
        .collect()
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

fn went_well(call: &ToolCall) -> bool {
    call.status == ToolStatus::Completed && call.exit == Some(0) && class_of(call).is_none()
}

/// The class of what a call told; nothing when it is no error of this table.
pub(super) fn class_of(call: &ToolCall) -> Option<CauseClass> {
    let said = call.output.to_lowercase();
    let by = |table: &[(CauseClass, &[&str])]| {
        let mut table = table.iter();
        let found = table.find(|(_, words)| words.iter().any(|words| said.contains(words)));
        found.map(|(class, _)| *class)
    };
    let has_failed = call.status == ToolStatus::Error || call.exit.is_some_and(|code| code != 0);
    by(SAID).or_else(|| by(FAILED).filter(|_| has_failed))
}

/// The last program of a command and what it was to do: `nango dryrun`. What a command is piped into is not what was tried.
pub(super) fn tried(command: &ShellCommand<'_>) -> String {
    const READERS: &[&str] = &["tail", "head", "grep", "tee", "cat", "echo", "cd", "less"];
    let mut starts = command.starts().iter().rev();
    let start = starts.find(|start| !READERS.contains(&start.program()));
    let Some(start) = start else {
        return String::new();
    };
    let operand = start
        .operands()
        .next()
        .filter(|word| word.chars().all(|c| c.is_ascii_alphabetic() || c == ':'));
    quote::line(&match operand {
        Some(operand) => format!("{} {operand}", start.program()),
        None => start.program().to_owned(),
    })
}
