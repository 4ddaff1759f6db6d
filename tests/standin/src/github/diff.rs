//! The diff of a pull request as *Files changed* shows it, and where in it a comment may be anchored.

use git2::{Delta, DiffFindOptions, DiffOptions, Patch, Repository};
use serde::{Deserialize, Serialize};

use super::repos::oid;
use crate::names::Sha;

/// Lines around a change that the diff shows.
const CONTEXT: u32 = 3;

/// A side of the diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Side {
    /// As it was.
    Left,
    /// As it is.
    Right,
}

/// One file of the diff.
#[derive(Debug)]
pub(super) struct FileDiff {
    pub path: String,
    pub previous: Option<String>,
    pub status: &'static str,
    pub blob: Option<String>,
    pub additions: usize,
    pub deletions: usize,
    /// Nothing for binary files.
    pub hunks: Vec<Hunk>,
}

/// One hunk: its header and its lines.
#[derive(Debug)]
pub(super) struct Hunk {
    pub header: String,
    pub lines: Vec<Line>,
}

/// One line of a hunk, with its number on each side where it is.
#[derive(Debug)]
pub(super) struct Line {
    pub left: Option<u32>,
    pub right: Option<u32>,
    pub text: String,
}

/// A place in the diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    /// Lines below the first hunk's header, as `position` counts.
    pub position: usize,
    /// The hunk up to the line.
    pub hunk_text: String,
}

/// The three-dot diff: from where `head` left `base`, to `head`.
pub(super) fn three_dot(
    git: &Repository,
    base: &Sha,
    head: &Sha,
) -> Result<Vec<FileDiff>, git2::Error> {
    let (base, head) = (oid(base)?, oid(head)?);
    let fork_point = git.merge_base(base, head).ok();
    let before = match fork_point {
        Some(id) => Some(git.find_commit(id)?.tree()?),
        None => None,
    };
    let after = git.find_commit(head)?.tree()?;
    let mut options = DiffOptions::new();
    options.context_lines(CONTEXT);
    let mut diff = git.diff_tree_to_tree(before.as_ref(), Some(&after), Some(&mut options))?;
    diff.find_similar(Some(DiffFindOptions::new().renames(true)))?;
    (0..diff.deltas().len())
        .map(|index| file(&diff, index))
        .collect()
}

fn file(diff: &git2::Diff<'_>, index: usize) -> Result<FileDiff, git2::Error> {
    let delta = diff
        .get_delta(index)
        .ok_or_else(|| git2::Error::from_str("a file of the diff is missing"))?;
    let path_of = |file: git2::DiffFile<'_>| {
        file.path()
            .map(|path| path.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    let (status, previous) = match delta.status() {
        Delta::Added => ("added", None),
        Delta::Deleted => ("removed", None),
        Delta::Renamed => ("renamed", Some(path_of(delta.old_file()))),
        Delta::Typechange => ("changed", None),
        _ => ("modified", None),
    };
    let mut file = FileDiff {
        path: path_of(if status == "removed" {
            delta.old_file()
        } else {
            delta.new_file()
        }),
        previous,
        status,
        blob: Some(delta.new_file().id().to_string()),
        additions: 0,
        deletions: 0,
        hunks: Vec::new(),
    };
    if let Some(patch) = Patch::from_diff(diff, index)? {
        (_, file.additions, file.deletions) = patch.line_stats()?;
        for number in 0..patch.num_hunks() {
            file.hunks.push(hunk(&patch, number)?);
        }
    }
    Ok(file)
}

fn hunk(patch: &Patch<'_>, number: usize) -> Result<Hunk, git2::Error> {
    let (hunk, count) = patch.hunk(number)?;
    let header = String::from_utf8_lossy(hunk.header()).trim_end().to_owned();
    let mut lines = Vec::with_capacity(count);
    for at in 0..count {
        let line = patch.line_in_hunk(number, at)?;
        let content = String::from_utf8_lossy(line.content());
        let content = content.strip_suffix('\n').unwrap_or(&content);
        match line.origin() {
            sign @ (' ' | '+' | '-') => lines.push(Line {
                left: line.old_lineno(),
                right: line.new_lineno(),
                text: format!("{sign}{content}"),
            }),
            // The remark that a file has no newline at its end is a line of the diff, on neither side.
            _ => lines.push(Line {
                left: None,
                right: None,
                text: "\\ No newline at end of file".to_owned(),
            }),
        }
    }
    Ok(Hunk { header, lines })
}

impl Hunk {
    fn index_of(&self, side: Side, line: u32) -> Option<usize> {
        self.lines.iter().position(|one| match side {
            Side::Left => one.left == Some(line),
            Side::Right => one.right == Some(line),
        })
    }
}

impl FileDiff {
    /// The patch as the list of files has it.
    pub fn patch(&self) -> Option<String> {
        let hunks: Vec<String> = self
            .hunks
            .iter()
            .map(|hunk| {
                let lines = hunk.lines.iter().map(|line| line.text.as_str());
                std::iter::once(hunk.header.as_str())
                    .chain(lines)
                    .collect::<Vec<_>>()
                    .join("\n")
            })
            .collect();
        (!hunks.is_empty()).then(|| hunks.join("\n"))
    }

    /// Where a comment on `line`, or on `start` to `line`, stands; the refusal's sentence when it stands nowhere.
    /// Both ends are in the same hunk, and the first comes before the last.
    pub fn anchor(
        &self,
        (side, line): (Side, u32),
        start: Option<(Side, u32)>,
    ) -> Result<Anchor, String> {
        let outside = || {
            "Pull request review thread line must be part of the diff and Pull request review thread diff hunk can't be blank"
                .to_owned()
        };
        let mut above = 0;
        for (number, hunk) in self.hunks.iter().enumerate() {
            // Headers count as lines of the diff, but for the first.
            let header = usize::from(number > 0);
            if let Some(last) = hunk.index_of(side, line) {
                if let Some((start_side, start_line)) = start {
                    let first = hunk.index_of(start_side, start_line).ok_or(
                        "Pull request review thread start line must be part of the same hunk as the line.",
                    )?;
                    if first >= last {
                        return Err(
                            "Pull request review thread start line must precede the end line."
                                .to_owned(),
                        );
                    }
                }
                let shown = hunk.lines[..=last].iter().map(|line| line.text.as_str());
                let text: Vec<&str> = std::iter::once(hunk.header.as_str()).chain(shown).collect();
                return Ok(Anchor {
                    position: above + header + last + 1,
                    hunk_text: text.join("\n"),
                });
            }
            above += header + hunk.lines.len();
        }
        Err(outside())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two hunks: one line changed in each, no context.
    fn changed_twice() -> FileDiff {
        let hunk = |line: u32| Hunk {
            header: format!("@@ -{line} +{line} @@"),
            lines: vec![
                Line {
                    left: Some(line),
                    right: None,
                    text: "-old".to_owned(),
                },
                Line {
                    left: None,
                    right: Some(line),
                    text: "+new".to_owned(),
                },
            ],
        };
        FileDiff {
            path: "a".to_owned(),
            previous: None,
            status: "modified",
            blob: None,
            additions: 2,
            deletions: 2,
            hunks: vec![hunk(5), hunk(50)],
        }
    }

    #[test]
    fn positions_count_all_lines_below_the_first_header() {
        let file = changed_twice();
        let position = |side, line| {
            file.anchor((side, line), None)
                .map(|anchor| anchor.position)
        };
        assert_eq!(position(Side::Left, 5), Ok(1));
        assert_eq!(position(Side::Right, 5), Ok(2));
        assert_eq!(position(Side::Right, 50), Ok(5));
        assert!(position(Side::Right, 6).is_err());
    }

    #[test]
    fn a_span_stays_in_its_hunk_and_goes_downwards() {
        let file = changed_twice();
        let span = |start, line| file.anchor(line, Some(start)).is_ok();
        assert!(span((Side::Left, 5), (Side::Right, 5)));
        assert!(!span((Side::Right, 5), (Side::Left, 5)), "upwards");
        assert!(!span((Side::Right, 5), (Side::Right, 50)), "over two hunks");
    }
}
