//! Versions of files: each write, edit or patch is one, and so is what a shell command puts into a file.
//!
//! What a script of the agent's own writes is not seen here; where a rule saw it (a recording written by hand), the graph takes
//! the rule's word.

use std::borrow::Cow;

use crate::domain::deed::Deed;
use crate::domain::dossier::Dossier;
use crate::domain::transcript::{ToolCall, ToolStatus};
use crate::rules::judge::reading::paths::{self, Spot};
use crate::rules::judge::reading::shell::{ShellCommand, Start};

/// A version of a file.
pub(in crate::rules::cause) struct Version<'a> {
    /// From the workspace's root where that is known.
    pub path: String,
    /// What was put in.
    pub put: Put<'a>,
}

/// What is known of a version's content.
pub(in crate::rules::cause) enum Put<'a> {
    /// All of it.
    Whole(Cow<'a, str>),
    /// The part that is new.
    Part(&'a str),
    /// Nothing.
    Unknown,
}

impl Version<'_> {
    /// Whether it is a version of the file with this path within the project.
    pub fn is_of(&self, path: &str) -> bool {
        self.path == path
            || self
                .path
                .strip_suffix(path)
                .is_some_and(|before| before.ends_with('/'))
    }
}

/// Those that a call of a file tool made.
pub(super) fn of_call<'a>(dossier: &Dossier, call: &'a ToolCall) -> Vec<Version<'a>> {
    if call.status != ToolStatus::Completed {
        return Vec::new();
    }
    let put = |text: &'a str| match &call.deed {
        Deed::Write { .. } => Put::Whole(Cow::Borrowed(text)),
        Deed::Edit { .. } => Put::Part(text),
        _ => Put::Unknown,
    };
    let changes = call.deed.changes().into_iter();
    changes
        .map(|(path, text)| Version {
            path: place(dossier, "", path),
            put: put(text),
        })
        .collect()
}

/// Those that a shell command made.
pub(super) fn of_command<'a>(dossier: &Dossier, command: &'a ShellCommand<'a>) -> Vec<Version<'a>> {
    let mut made = Vec::new();
    for start in command.starts() {
        for path in &start.writes {
            // `>>` is not told from `>` when a command is taken apart.
            let put = match &start.stdin {
                Some(text) if start.program() == "cat" && !command.text.contains(">>") => {
                    Put::Whole(Cow::Borrowed(text.as_str()))
                }
                _ => Put::Unknown,
            };
            made.push((start, path.as_str(), put));
        }
        made.extend(in_place(start).map(|path| (start, path, Put::Unknown)));
    }
    let made = made.into_iter().map(|(start, path, put)| Version {
        path: place(dossier, &start.cwd, path),
        put,
    });
    made.filter(|version| !version.path.is_empty() && !version.path.starts_with("/dev/"))
        .collect()
}

/// Files that a program changes without a redirection.
fn in_place(start: &Start) -> impl Iterator<Item = &str> {
    let edits = matches!(start.program(), "sed" | "perl")
        && start
            .args()
            .iter()
            .any(|arg| arg == "--in-place" || is_cluster_with_i(arg));
    let all = edits || start.program() == "tee";
    let last = matches!(start.program(), "cp" | "mv");
    let count = start.operands().count();
    start
        .operands()
        .enumerate()
        .filter(move |(at, path)| (all && path.contains('.')) || (last && at + 1 == count))
        .map(|(_, path)| path)
}

/// `-i`, `-i.bak`, `-pi`, `-0pi`.
fn is_cluster_with_i(arg: &str) -> bool {
    let Some(letters) = arg.strip_prefix('-') else {
        return false;
    };
    let cluster = letters.split(|c: char| !c.is_ascii_alphanumeric()).next();
    cluster.is_some_and(|cluster| cluster.len() <= 4 && cluster.contains('i'))
}

fn place(dossier: &Dossier, cwd: &str, path: &str) -> String {
    match paths::spot(dossier, cwd, path) {
        Spot::Inside(inside) => inside,
        Spot::Outside(path) => path,
        Spot::System | Spot::Unknown => paths::join(cwd, path),
    }
}
