//! Making a commit without a checkout.

use std::collections::BTreeMap;

use git2::{Oid, Repository, Signature, Time, Tree};

use super::error::GitError;
use super::mirror::Mirror;
use super::names::sha;
use super::objects::{commit, is_regular, what};
use super::path;
use crate::domain::name::Sha;
use crate::domain::tree::Edits;

const FOLDER: i32 = 0o040_000;
const FILE: i32 = 0o100_644;
const EXECUTABLE: i32 = 0o100_755;

/// Who a commit is by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// For example `countersign[bot]`.
    pub name: String,
    /// See [`crate::domain::pull::BotIdentity::email`].
    pub email: String,
}

/// A commit to be made. The same one, made twice, has the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// What it is built on.
    pub parent: Sha,
    /// Contents by path from the repository's root; without content the path is removed.
    pub edits: Edits,
    /// The whole message.
    pub message: String,
    /// Author and committer.
    pub author: Author,
    /// When, in milliseconds since the epoch; git keeps the seconds, in UTC.
    pub at_ms: i64,
}

impl Mirror {
    /// Makes a commit in the repository; no reference is moved to it. Nothing when its tree would be the parent's.
    /// A file that is overwritten stays executable, a folder without files goes, a missing path is not removed twice.
    ///
    /// # Errors
    /// [`GitError::Path`] for a path that must not be written, [`GitError::InTheWay`] where a link, a submodule, a
    /// folder or a file is in the way: nothing is written through or over those.
    pub fn commit(&self, new: &NewCommit) -> Result<Option<Sha>, GitError> {
        let mut root = TreeFolder::new();
        for (path, content) in &new.edits {
            path::check(path)?;
            plant(&mut root, path, content.as_deref())?;
        }
        let repository = self.repository()?;
        let parent = commit(&repository, &new.parent)?;
        let before = parent
            .tree()
            .map_err(GitError::git("read a commit's tree"))?;
        let after = match write(&repository, Some(&before), &root, "")? {
            Some(id) => id,
            None => empty_tree(&repository)?,
        };
        if after == before.id() {
            return Ok(None);
        }
        let by = Signature::new(
            &new.author.name,
            &new.author.email,
            &Time::new(new.at_ms.div_euclid(1000), 0),
        )
        .map_err(GitError::git("write a commit's author"))?;
        let id = repository
            .find_tree(after)
            .and_then(|tree| repository.commit(None, &by, &by, &new.message, &tree, &[&parent]))
            .map_err(GitError::git("write a commit"))?;
        sha(id).map(Some)
    }
}

/// Edits by name, one level at a time.
type TreeFolder<'e> = BTreeMap<&'e str, TreeNode<'e>>;

enum TreeNode<'e> {
    File(Option<&'e [u8]>),
    Folder(TreeFolder<'e>),
}

fn plant<'e>(
    root: &mut TreeFolder<'e>,
    path: &'e str,
    content: Option<&'e [u8]>,
) -> Result<(), GitError> {
    let in_the_way = |what| GitError::InTheWay {
        path: path.to_owned(),
        what,
    };
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut folder = root;
    for part in folders.split('/').filter(|part| !part.is_empty()) {
        let below = folder
            .entry(part)
            .or_insert_with(|| TreeNode::Folder(TreeFolder::new()));
        match below {
            TreeNode::Folder(below) => folder = below,
            TreeNode::File(_) => return Err(in_the_way("a file of the same commit")),
        }
    }
    match folder.insert(name, TreeNode::File(content)) {
        None => Ok(()),
        Some(_) => Err(in_the_way("a folder of the same commit")),
    }
}

/// Writes one folder and all below it; nothing when no file is left in it.
fn write(
    repository: &Repository,
    before: Option<&Tree<'_>>,
    edits: &TreeFolder<'_>,
    at: &str,
) -> Result<Option<Oid>, GitError> {
    let failed = || GitError::git("write a folder");
    let mut builder = repository.treebuilder(before).map_err(failed())?;
    for (name, node) in edits {
        let path = format!("{at}{name}");
        let present = before
            .and_then(|tree| tree.get_name(name))
            .map(|entry| (entry.filemode(), entry.id()));
        let in_the_way = |mode| GitError::InTheWay {
            path: path.clone(),
            what: what(mode),
        };
        match (node, present) {
            (TreeNode::File(None), None) => {}
            (TreeNode::File(None), Some((mode, _))) if is_regular(mode) => {
                builder.remove(name).map_err(failed())?;
            }
            (TreeNode::File(Some(content)), None) => {
                let id = repository.blob(content).map_err(failed())?;
                builder.insert(name, id, FILE).map_err(failed())?;
            }
            (TreeNode::File(Some(content)), Some((mode, _))) if is_regular(mode) => {
                let mode = if mode & 0o111 == 0 { FILE } else { EXECUTABLE };
                let id = repository.blob(content).map_err(failed())?;
                builder.insert(name, id, mode).map_err(failed())?;
            }
            (TreeNode::Folder(below), present) => {
                let before = match present {
                    None => None,
                    Some((FOLDER, id)) => Some(repository.find_tree(id).map_err(failed())?),
                    Some((mode, _)) => return Err(in_the_way(mode)),
                };
                match write(repository, before.as_ref(), below, &format!("{path}/"))? {
                    Some(id) => drop(builder.insert(name, id, FOLDER).map_err(failed())?),
                    None if before.is_some() => builder.remove(name).map_err(failed())?,
                    None => {}
                }
            }
            (TreeNode::File(_), Some((mode, _))) => return Err(in_the_way(mode)),
        }
    }
    if builder.is_empty() {
        return Ok(None);
    }
    builder.write().map(Some).map_err(failed())
}

fn empty_tree(repository: &Repository) -> Result<Oid, GitError> {
    repository
        .treebuilder(None)
        .and_then(|builder| builder.write())
        .map_err(GitError::git("write a folder"))
}
