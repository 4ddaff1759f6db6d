//! How two commits differ.

use git2::{Delta, Diff, DiffFindOptions, DiffFormat, DiffOptions, Patch, Repository};

use super::error::GitError;
use super::mirror::Mirror;
use super::objects::tree;
use super::path;
use crate::domain::limits;
use crate::domain::name::Sha;
use crate::domain::post::Anchors;

/// What became of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeStatus {
    /// It was not there.
    Added,
    /// It was there, and its content or mode was different.
    Modified,
    /// It is not there any more.
    Removed,
}

/// A path that differs. A renamed file is one that was removed and one that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// From the repository's root. Invalid UTF-8 is replaced.
    pub path: String,
    /// What became of it.
    pub status: ChangeStatus,
}

impl Mirror {
    /// The paths below a folder (all at all when `under` is empty) that differ between two commits, in order. For a
    /// pull request `from` is the [merge base](Mirror::merge_base).
    ///
    /// # Errors
    /// [`GitError::TooMuch`] beyond [`limits::GIT_PATHS`].
    pub fn changed(&self, from: &Sha, to: &Sha, under: &str) -> Result<Vec<Changed>, GitError> {
        path::check_folder(under)?;
        let repository = self.repository()?;
        let mut options = DiffOptions::new();
        options.include_typechange(true);
        if !under.is_empty() {
            options.disable_pathspec_match(true).pathspec(under);
        }
        let diff = compare(&repository, from, to, &mut options)?;
        Ok(diff
            .deltas()
            .map(|delta| {
                let (file, status) = match delta.status() {
                    Delta::Added => (delta.new_file(), ChangeStatus::Added),
                    Delta::Deleted => (delta.old_file(), ChangeStatus::Removed),
                    _ => (delta.new_file(), ChangeStatus::Modified),
                };
                let path = file.path_bytes().unwrap_or_default();
                Changed {
                    path: String::from_utf8_lossy(path).into_owned(),
                    status,
                }
            })
            .collect())
    }

    /// The difference as a patch that `git apply` takes, binary files included.
    ///
    /// # Errors
    /// [`GitError::TooMuch`] beyond [`limits::GIT_PATCH_BYTES`].
    pub fn patch(&self, from: &Sha, to: &Sha) -> Result<String, GitError> {
        let repository = self.repository()?;
        let mut options = DiffOptions::new();
        options.show_binary(true).id_abbrev(40);
        let text = print(&compare(&repository, from, to, &mut options)?)?;
        match String::from_utf8(text) {
            Ok(text) => Ok(text),
            // Files in another encoding: as binary, the patch is plain ASCII and still applies.
            Err(_) => {
                options.force_binary(true);
                let text = print(&compare(&repository, from, to, &mut options)?)?;
                Ok(String::from_utf8_lossy(&text).into_owned())
            }
        }
    }

    /// The lines that a pull request from `to` into `from` shows in *Files changed*: hunks with three lines of context,
    /// compared from the merge base. Nothing when the two have no common ancestor.
    pub fn anchors(&self, from: &Sha, to: &Sha) -> Result<Anchors, GitError> {
        let mut anchors = Anchors::default();
        let Some(base) = self.merge_base(from, to)? else {
            return Ok(anchors);
        };
        let repository = self.repository()?;
        let mut options = DiffOptions::new();
        options.context_lines(3).interhunk_lines(0);
        let mut diff = compare(&repository, &base, to, &mut options)?;
        // GitHub shows a renamed file as such, with only the lines that changed: there are fewer anchors.
        diff.find_similar(Some(DiffFindOptions::new().renames(true)))
            .map_err(GitError::git("find renamed files"))?;
        for index in 0..diff.deltas().len() {
            let patch = Patch::from_diff(&diff, index).map_err(GitError::git("compare a file"))?;
            let Some(patch) = patch else {
                continue;
            };
            let delta = patch.delta();
            let file = delta.new_file();
            let path = file.path_bytes().and_then(|path| str::from_utf8(path).ok());
            let Some(path) = path else {
                continue;
            };
            let mut ranges = Vec::new();
            for number in 0..patch.num_hunks() {
                let (hunk, _) = (patch.hunk(number)).map_err(GitError::git("read a hunk"))?;
                if hunk.new_lines() > 0 {
                    ranges.push((hunk.new_start(), hunk.new_start() + hunk.new_lines() - 1));
                }
            }
            if !ranges.is_empty() {
                anchors.0.insert(path.to_owned(), ranges);
            }
        }
        Ok(anchors)
    }
}

fn compare<'r>(
    repository: &'r Repository,
    from: &Sha,
    to: &Sha,
    options: &mut DiffOptions,
) -> Result<Diff<'r>, GitError> {
    let (from, to) = (tree(repository, from)?, tree(repository, to)?);
    let diff = repository
        .diff_tree_to_tree(Some(&from), Some(&to), Some(options))
        .map_err(GitError::git("compare two commits"))?;
    if diff.deltas().len() > limits::GIT_PATHS {
        return Err(GitError::TooMuch {
            what: "the comparison of two commits".to_owned(),
            limit: limits::GIT_PATHS as u64,
            unit: "paths",
        });
    }
    Ok(diff)
}

fn print(diff: &Diff<'_>) -> Result<Vec<u8>, GitError> {
    let mut text = Vec::new();
    let printed = diff.print(DiffFormat::Patch, |_, _, line| {
        if matches!(line.origin(), '+' | '-' | ' ') {
            text.push(line.origin() as u8);
        }
        text.extend_from_slice(line.content());
        text.len() <= limits::GIT_PATCH_BYTES
    });
    if text.len() > limits::GIT_PATCH_BYTES {
        return Err(GitError::TooMuch {
            what: "the patch".to_owned(),
            limit: limits::GIT_PATCH_BYTES as u64,
            unit: "bytes",
        });
    }
    printed.map_err(GitError::git("write a patch"))?;
    Ok(text)
}
