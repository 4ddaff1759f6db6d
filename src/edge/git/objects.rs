//! Reading commits: what is in them and how they hang together.

use std::ops::ControlFlow;

use git2::{ErrorCode, ObjectType, Odb, Oid, Repository, Tree, TreeEntry};

use super::error::GitError;
use super::mirror::Mirror;
use super::names::{oid, sha};
use super::path;
use crate::domain::limits;
use crate::domain::name::Sha;

/// What a path of a commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileMode {
    /// A regular file.
    File,
    /// A regular file that may be executed.
    Executable,
    /// A symbolic link; its content is where it leads.
    Link,
    /// A commit of another repository.
    Submodule,
}

impl FileMode {
    /// Whether it is a file that can be read as such.
    pub fn is_regular(self) -> bool {
        matches!(self, FileMode::File | FileMode::Executable)
    }
}

/// One path of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// From the repository's root. Invalid UTF-8 is replaced.
    pub path: String,
    /// What it is.
    pub mode: FileMode,
    /// Bytes of its content; 0 of a submodule.
    pub size: u64,
    /// Of its content.
    pub id: Sha,
}

impl Mirror {
    /// The best common ancestor of two commits, if they have any: from there on a pull request is compared.
    pub fn merge_base(&self, a: &Sha, b: &Sha) -> Result<Option<Sha>, GitError> {
        let repository = self.repository()?;
        match repository.merge_base(oid(a)?, oid(b)?) {
            Ok(base) => Ok(Some(sha(base)?)),
            Err(e) if e.code() == ErrorCode::NotFound => {
                // libgit2 says the same of a commit that is not here.
                commit(&repository, a)?;
                commit(&repository, b)?;
                Ok(None)
            }
            Err(e) => Err(GitError::git("find the merge base")(e)),
        }
    }

    /// The content of a regular file of a commit; nothing when the path is not there.
    ///
    /// # Errors
    /// [`GitError::NotAFile`] for a link, a submodule or a folder; [`GitError::TooMuch`] beyond `limit_bytes`, found
    /// before the content is read.
    pub fn read(
        &self,
        at: &Sha,
        path: &str,
        limit_bytes: u64,
    ) -> Result<Option<Vec<u8>>, GitError> {
        path::check(path)?;
        let repository = self.repository()?;
        let Some((mode, id)) = find(&tree(&repository, at)?, path)? else {
            return Ok(None);
        };
        if !is_regular(mode) {
            return Err(GitError::NotAFile {
                path: path.to_owned(),
                what: what(mode),
            });
        }
        content(&repository, id, path, limit_bytes).map(Some)
    }

    /// All paths of a commit below a folder (all at all when `under` is empty), folders themselves left out.
    ///
    /// # Errors
    /// [`GitError::TooMuch`] beyond [`limits::GIT_PATHS`].
    pub fn list(&self, at: &Sha, under: &str) -> Result<Vec<Listed>, GitError> {
        let repository = self.repository()?;
        let odb = repository.odb().map_err(GitError::git("read objects"))?;
        let mut listed = Vec::new();
        walk(&repository, at, under, |path, mode, id| {
            listed.push(Listed {
                path,
                mode,
                size: size(&odb, mode, id)?,
                id: sha(id)?,
            });
            Ok(())
        })?;
        Ok(listed)
    }

    /// What is at one path of a commit; nothing when the path is not there.
    ///
    /// # Errors
    /// [`GitError::NotAFile`] for a folder.
    pub fn entry(&self, at: &Sha, path: &str) -> Result<Option<Listed>, GitError> {
        path::check(path)?;
        let repository = self.repository()?;
        let root = tree(&repository, at)?;
        let entry = match root.get_path(path.as_ref()) {
            Ok(entry) => entry,
            Err(e) if e.code() == ErrorCode::NotFound => return Ok(None),
            Err(e) => return Err(GitError::git("look up a path")(e)),
        };
        let Some(mode) = entry_mode(&entry) else {
            return Err(GitError::NotAFile {
                path: path.to_owned(),
                what: what(entry.filemode()),
            });
        };
        let odb = repository.odb().map_err(GitError::git("read objects"))?;
        Ok(Some(Listed {
            path: path.to_owned(),
            mode,
            size: size(&odb, mode, entry.id())?,
            id: sha(entry.id())?,
        }))
    }

    /// A commit's message. Invalid UTF-8 is replaced.
    pub fn message(&self, at: &Sha) -> Result<String, GitError> {
        let repository = self.repository()?;
        let commit = commit(&repository, at)?;
        Ok(String::from_utf8_lossy(commit.message_bytes()).into_owned())
    }
}

fn size(odb: &Odb<'_>, mode: FileMode, id: Oid) -> Result<u64, GitError> {
    if mode == FileMode::Submodule {
        return Ok(0);
    }
    let (size, _) = odb
        .read_header(id)
        .map_err(GitError::git("read an object"))?;
    Ok(size as u64)
}

/// A commit by its id.
pub(super) fn commit<'r>(
    repository: &'r Repository,
    at: &Sha,
) -> Result<git2::Commit<'r>, GitError> {
    (repository.find_commit(oid(at)?)).map_err(|_| GitError::NoCommit { sha: at.clone() })
}

/// A commit's tree.
pub(super) fn tree<'r>(repository: &'r Repository, at: &Sha) -> Result<Tree<'r>, GitError> {
    commit(repository, at)?
        .tree()
        .map_err(GitError::git("read a commit's tree"))
}

/// The content of a blob, unless it is larger than the limit.
pub(super) fn content(
    repository: &Repository,
    id: Oid,
    path: &str,
    limit: u64,
) -> Result<Vec<u8>, GitError> {
    let odb = repository.odb().map_err(GitError::git("read objects"))?;
    let (size, _) = odb
        .read_header(id)
        .map_err(GitError::git("read an object"))?;
    if size as u64 > limit {
        return Err(GitError::TooMuch {
            what: path.to_owned(),
            limit,
            unit: "bytes",
        });
    }
    let blob = repository
        .find_blob(id)
        .map_err(GitError::git("read a file"))?;
    Ok(blob.content().to_vec())
}

/// Visits everything below a folder that is not itself a folder, at most [`limits::GIT_PATHS`], in git's order.
pub(super) fn walk(
    repository: &Repository,
    at: &Sha,
    under: &str,
    mut visit: impl FnMut(String, FileMode, Oid) -> Result<(), GitError>,
) -> Result<(), GitError> {
    path::check_folder(under)?;
    let root = tree(repository, at)?;
    let folder = if under.is_empty() {
        root
    } else {
        match find(&root, under)? {
            Some((0o040_000, id)) => repository
                .find_tree(id)
                .map_err(GitError::git("read a folder"))?,
            _ => return Ok(()),
        }
    };
    let prefix = if under.is_empty() {
        String::new()
    } else {
        format!("{under}/")
    };
    let mut count = 0;
    let ended = walk_folder(repository, &folder, &prefix, &mut |path, mode, id| {
        count += 1;
        let visited = if count > limits::GIT_PATHS {
            Err(GitError::TooMuch {
                what: format!("the listing of {at}"),
                limit: limits::GIT_PATHS as u64,
                unit: "paths",
            })
        } else {
            visit(path, mode, id)
        };
        match visited {
            Ok(()) => ControlFlow::Continue(()),
            Err(e) => ControlFlow::Break(e),
        }
    });
    match ended {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(e) => Err(e),
    }
}

fn walk_folder(
    repository: &Repository,
    folder: &Tree<'_>,
    prefix: &str,
    visit: &mut dyn FnMut(String, FileMode, Oid) -> ControlFlow<GitError>,
) -> ControlFlow<GitError> {
    for entry in folder {
        let path = format!("{prefix}{}", String::from_utf8_lossy(entry.name_bytes()));
        match entry_mode(&entry) {
            Some(mode) => visit(path, mode, entry.id())?,
            // A path has an end: git refuses folders nested without limit long before the stack does.
            None if path.len() > 4 * limits::GIT_PATH_CHARS => {
                return ControlFlow::Break(GitError::Path {
                    path,
                    why: "it is too long",
                });
            }
            None => match repository.find_tree(entry.id()) {
                Ok(below) => walk_folder(repository, &below, &format!("{path}/"), visit)?,
                Err(e) => return ControlFlow::Break(GitError::git("read a folder")(e)),
            },
        }
    }
    ControlFlow::Continue(())
}

/// What an entry is; nothing for a folder.
fn entry_mode(entry: &TreeEntry<'_>) -> Option<FileMode> {
    match (entry.kind(), entry.filemode()) {
        (Some(ObjectType::Tree), _) => None,
        (_, 0o120_000) => Some(FileMode::Link),
        (_, 0o160_000) => Some(FileMode::Submodule),
        (_, mode) if mode & 0o111 != 0 => Some(FileMode::Executable),
        _ => Some(FileMode::File),
    }
}

/// git's own mode and the id of what is at a path.
fn find(root: &Tree<'_>, path: &str) -> Result<Option<(i32, Oid)>, GitError> {
    match root.get_path(path.as_ref()) {
        Ok(entry) => Ok(Some((entry.filemode(), entry.id()))),
        Err(e) if e.code() == ErrorCode::NotFound => Ok(None),
        Err(e) => Err(GitError::git("look up a path")(e)),
    }
}

/// Whether git's mode is that of a regular file.
pub(super) fn is_regular(mode: i32) -> bool {
    mode & 0o170_000 == 0o100_000
}

/// What something with git's mode is, for a person.
pub(super) fn what(mode: i32) -> &'static str {
    match mode & 0o170_000 {
        0o120_000 => "a symbolic link",
        0o160_000 => "a submodule",
        0o040_000 => "a folder",
        _ => "a file",
    }
}
