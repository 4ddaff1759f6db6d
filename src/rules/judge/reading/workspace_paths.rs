//! Paths of the server's workspaces in what is quoted, shown as an agent and a reviewer know them: relative to the
//! workspace. Where a server keeps its folders is nobody's business, and makes lines long.

use crate::domain::finding::{Exhibit, Finding};

/// The shortest beginning of a path that is taken for one when a quotation was cut in the middle of it.
const CUT_CHARS: usize = 8;

/// Folders above a workspace that are shown as `..` and `../..`: the attempt's own and the run's.
const ABOVE: usize = 2;

/// The same finding with paths relative to `workspace`, wherever it has words.
pub fn relative(mut finding: Finding, workspace: &str) -> Finding {
    let shown = |text: &mut String| *text = relative_to(text, workspace);
    shown(&mut finding.sentence);
    for exhibit in &mut finding.evidence {
        match exhibit {
            Exhibit::Diff { unified, .. } => shown(unified),
            Exhibit::Turn { quote, .. } => shown(quote),
            Exhibit::Wire { line, answer, .. } => {
                shown(line);
                shown(answer);
            }
            Exhibit::Output { text, .. } => shown(text),
            Exhibit::Claimed { claimed, received } => {
                shown(claimed);
                shown(received);
            }
        }
    }
    finding
}

/// `text` with paths relative to `workspace`, which is absolute.
pub fn relative_to(text: &str, workspace: &str) -> String {
    let root = workspace.trim_end_matches('/');
    // No workspace lies at the root of the file system, and a path of nothing would be found everywhere.
    if root.len() < CUT_CHARS {
        return text.to_owned();
    }
    let mut text = uncut(text, root);
    text = within(&text, root, "");
    let mut above = root;
    let mut shown = String::new();
    for _ in 0..ABOVE {
        match above.rsplit_once('/') {
            // Not the machine's own folders, as `/tmp`: they are no part of a run.
            Some((parent, _)) if parent.matches('/').count() > 1 => above = parent,
            _ => break,
        }
        shown.push_str(if shown.is_empty() { ".." } else { "/.." });
        text = within(&text, above, &shown);
    }
    text
}

/// Replaces `folder` where it stands as a whole path or begins one.
fn within(text: &str, folder: &str, shown: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(folder) {
        let (before, after) = rest.split_at(at);
        let after = &after[folder.len()..];
        let begins = !before.ends_with(|c: char| c.is_alphanumeric() || "/_-.".contains(c));
        let ends = !after.starts_with(|c: char| c.is_alphanumeric() || "_-.".contains(c));
        out.push_str(before);
        match (begins && ends, after.strip_prefix('/'), shown) {
            (false, ..) => out.push_str(folder),
            (true, Some(below), "") if below.starts_with(begins_a_name) => {
                rest = below;
                continue;
            }
            (true, _, "") => out.push('.'),
            (true, _, shown) => out.push_str(shown),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn begins_a_name(c: char) -> bool {
    c.is_alphanumeric() || "._-@~*[{$".contains(c)
}

/// Takes away what a cut left of the path.
fn uncut(text: &str, root: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let Some(kept) = line.strip_suffix('…') else {
            return line.to_owned();
        };
        let left = (CUT_CHARS..root.len())
            .rev()
            .filter(|end| root.is_char_boundary(*end))
            .find_map(|end| kept.strip_suffix(&root[..end]));
        format!("{}…", left.unwrap_or(kept))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "/srv/state/runs/0123456789ab/slack--users-1/workspace";

    #[test]
    fn paths_are_shown_as_the_agent_knows_them() {
        for (text, shown) in [
            (
                "cat /srv/state/runs/0123456789ab/slack--users-1/workspace/a/b.ts",
                "cat a/b.ts",
            ),
            (
                "cd /srv/state/runs/0123456789ab/slack--users-1/workspace && ls",
                "cd . && ls",
            ),
            (
                "cd '/srv/state/runs/0123456789ab/slack--users-1/workspace/'",
                "cd './'",
            ),
            (
                "cat /srv/state/runs/0123456789ab/slack--users-1/policy.json",
                "cat ../policy.json",
            ),
            (
                "ls /srv/state/runs/0123456789ab/slack--channels-1/workspace",
                "ls ../../slack--channels-1/workspace",
            ),
            // A cut in the middle of the path.
            ("cat /srv/state/runs/0123…", "cat …"),
            // What only looks alike.
            ("ls /srv/state/other", "ls /srv/state/other"),
            (
                "ls /mnt/srv/state/runs/0123456789ab/slack--users-1/workspace",
                "ls /mnt/srv/state/runs/0123456789ab/slack--users-1/workspace",
            ),
        ] {
            assert_eq!(relative_to(text, ROOT), shown);
        }
        assert_eq!(
            relative_to("ls /tmp/other", "/tmp/workspace"),
            "ls /tmp/other"
        );
        for odd in ["", "/", "//", "/a"] {
            assert_eq!(relative_to("ls /a/b", odd), "ls /a/b");
        }
    }
}
