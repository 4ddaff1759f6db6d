//! Repositories on disk: real, bare, by libgit2; with a hook that refuses what GitHub refuses.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use git2::build::TreeUpdateBuilder;
use git2::{BranchType, FileMode, Oid, Repository, Signature, Time};

use super::error::StandInError;
use super::world::{Repo, World};
use crate::names::{RepoName, Sha};

/// A file in a commit: its path, and its text or nothing when the commit removes it.
pub type FileChange<'a> = (&'a str, Option<&'a str>);

/// Refuses pushes to `refs/pull`, to protected branches, and of workflows without the permission. Only this hook sees
/// the objects before they are in; the words are those that GitHub prints.
const PRE_RECEIVE: &str = r#"#!/bin/sh
tab=$(printf '\t')
zero=0000000000000000000000000000000000000000
while read -r old new ref; do
  case "$ref" in
    refs/pull/*) echo "error: deny updating a hidden ref" >&2; exit 1 ;;
  esac
  while IFS="$tab" read -r protected message; do
    if [ "$protected" = "$ref" ]; then
      echo "error: GH006: Protected branch update failed for $ref." >&2
      echo "error: $message" >&2
      exit 1
    fi
  done < protected
  if [ "$new" != "$zero" ] && [ "$STANDIN_WORKFLOWS" != write ]; then
    path=$(git log --format= --name-only "$new" --not --all -- .github/workflows | head -n 1)
    if [ -n "$path" ]; then
      echo "error: refusing to allow a GitHub App to create or update workflow \`$path\` without \`workflows\` permission" >&2
      exit 1
    fi
  fi
done
"#;

/// The message that a protected branch refuses pushes with, by full ref name, one a line; the hook reads it.
const PROTECTED: &str = "protected";

fn io(what: &'static str) -> impl Fn(std::io::Error) -> StandInError {
    move |source| StandInError::Io { what, source }
}

/// Makes the bare repository of `name` below `dir`.
fn init(dir: &Path, name: &RepoName, default_branch: &str) -> Result<PathBuf, StandInError> {
    let git_dir = dir.join(format!("{name}.git"));
    let mut options = git2::RepositoryInitOptions::new();
    options
        .bare(true)
        .mkpath(true)
        .external_template(false)
        .initial_head(default_branch);
    let git = Repository::init_opts(&git_dir, &options)?;
    let mut config = git.config()?;
    config.set_bool("http.receivepack", true)?;
    config.set_bool("uploadpack.allowFilter", true)?;
    config.set_bool("uploadpack.allowAnySHA1InWant", true)?;
    config.set_bool("receive.denyDeleteCurrent", true)?;
    config.set_i32("gc.auto", 0)?;
    fs::create_dir_all(git_dir.join("hooks")).map_err(io("make a hooks folder"))?;
    let hook = git_dir.join("hooks/pre-receive");
    fs::write(&hook, PRE_RECEIVE).map_err(io("write a hook"))?;
    let runnable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&hook, runnable).map_err(io("make a hook runnable"))?;
    fs::write(git_dir.join(PROTECTED), "").map_err(io("write a hook's settings"))?;
    Ok(git_dir)
}

impl World {
    /// Adds an empty repository.
    pub fn add_repo(
        &mut self,
        name: &RepoName,
        default_branch: &str,
        fork_of: Option<RepoName>,
    ) -> Result<(), StandInError> {
        let git_dir = init(&self.dir, name, default_branch)?;
        self.user(name.owner());
        let id = self.next_id();
        let repo = Repo {
            id,
            name: name.clone(),
            git_dir,
            default_branch: default_branch.to_owned(),
            fork_of,
            roles: BTreeMap::new(),
            branches: BTreeMap::new(),
            pulls: BTreeMap::new(),
            comments: BTreeMap::new(),
            reviews: BTreeMap::new(),
            review_comments: BTreeMap::new(),
            suites: BTreeMap::new(),
            check_runs: BTreeMap::new(),
        };
        self.repos.insert(name.clone(), repo);
        Ok(())
    }
}

/// How often a branch is tried that a push holds, and what is waited between.
const LOCK_TRIES: usize = 200;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

impl Repo {
    /// The branches as they are on disk now.
    pub fn branches_now(&self) -> Result<BTreeMap<String, Sha>, git2::Error> {
        let git = self.git()?;
        let mut branches = BTreeMap::new();
        for branch in git.branches(Some(BranchType::Local))? {
            let (branch, _) = branch?;
            if let (Ok(Some(name)), Some(oid)) = (branch.name(), branch.get().target()) {
                branches.insert(name.to_owned(), sha(oid)?);
            }
        }
        Ok(branches)
    }

    /// Commits `files` on top of `parent`, without moving any branch.
    pub fn commit(
        &self,
        parent: Option<&Sha>,
        files: &[FileChange<'_>],
        author: &str,
        message: &str,
        now_ms: i64,
    ) -> Result<Sha, git2::Error> {
        let git = self.git()?;
        let parent = match parent {
            Some(sha) => Some(git.find_commit(oid(sha)?)?),
            None => None,
        };
        let before = match &parent {
            Some(commit) => commit.tree()?,
            None => git.find_tree(git.treebuilder(None)?.write()?)?,
        };
        let mut update = TreeUpdateBuilder::new();
        for (path, text) in files {
            match text {
                Some(text) => {
                    update.upsert(*path, git.blob(text.as_bytes())?, FileMode::Blob);
                }
                None => {
                    update.remove(*path);
                }
            }
        }
        let tree = git.find_tree(update.create_updated(&git, &before)?)?;
        let email = format!("{author}@users.noreply.localhost");
        let signature = Signature::new(author, &email, &Time::new(now_ms.div_euclid(1000), 0))?;
        let parents: Vec<_> = parent.iter().collect();
        sha(git.commit(None, &signature, &signature, message, &tree, &parents)?)
    }

    /// Points `branch` at `to`, wherever it was.
    pub fn point(&self, branch: &str, to: &Sha) -> Result<(), git2::Error> {
        let name = format!("refs/heads/{branch}");
        let (git, to) = (self.git()?, oid(to)?);
        unlocked(|| git.reference(&name, to, true, "stand-in").map(drop))
    }

    /// Points `branch` from one commit at another. Returns whether it was there: somebody may push at the same time.
    pub fn advance(&self, branch: &str, from: &Sha, to: &Sha) -> Result<bool, git2::Error> {
        let name = format!("refs/heads/{branch}");
        let (git, from, to) = (self.git()?, oid(from)?, oid(to)?);
        let moved = unlocked(|| {
            git.reference_matching(&name, to, true, from, "stand-in")
                .map(drop)
        });
        match moved {
            Ok(()) => Ok(true),
            Err(error) if error.code() == git2::ErrorCode::Modified => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Brings commit `head` of `from` (or our own) to `refs/pull/<number>/head`.
    pub fn point_pull(
        &self,
        number: u64,
        head: &Sha,
        from: Option<(&Path, &str)>,
    ) -> Result<(), git2::Error> {
        let git = self.git()?;
        if let Some((path, branch)) = from {
            let mut remote = git.remote_anonymous(&path.to_string_lossy())?;
            remote.fetch(
                &[format!("+refs/heads/{branch}:refs/standin/{number}")],
                None,
                None,
            )?;
        }
        git.reference(
            &format!("refs/pull/{number}/head"),
            oid(head)?,
            true,
            "stand-in",
        )
        .map(drop)
    }

    /// The commit that a sha, a branch, `heads/…` or `tags/…` names.
    pub fn resolve(&self, name: &str) -> Result<Option<Sha>, git2::Error> {
        let git = self.git()?;
        let candidates = [
            name.to_owned(),
            format!("refs/heads/{name}"),
            format!("refs/{name}"),
        ];
        for candidate in candidates {
            if candidate.len() == 40
                && let Ok(oid) = Oid::from_str(&candidate)
                && git.find_commit(oid).is_ok()
            {
                return sha(oid).map(Some);
            }
            if candidate.starts_with("refs/")
                && let Ok(reference) = git.find_reference(&candidate)
                && let Ok(commit) = reference.peel_to_commit()
            {
                return sha(commit.id()).map(Some);
            }
        }
        Ok(None)
    }

    /// The commits of `head` that `base` does not have, oldest first.
    pub fn commits_between(&self, base: &Sha, head: &Sha) -> Result<Vec<Sha>, git2::Error> {
        let git = self.git()?;
        let mut walk = git.revwalk()?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::REVERSE)?;
        walk.push(oid(head)?)?;
        walk.hide(oid(base)?)?;
        walk.map(|id| sha(id?)).collect()
    }

    /// The text of a file in a commit; nothing when it is not there or not text.
    pub fn file(&self, commit: &Sha, path: &str) -> Result<Option<String>, git2::Error> {
        let git = self.git()?;
        let tree = git.find_commit(oid(commit)?)?.tree()?;
        let Ok(entry) = tree.get_path(Path::new(path)) else {
            return Ok(None);
        };
        let text = entry
            .to_object(&git)?
            .as_blob()
            .and_then(|blob| String::from_utf8(blob.content().to_vec()).ok());
        Ok(text)
    }

    /// The paths of all files in a commit, in git's order.
    pub fn files(&self, commit: &Sha) -> Result<Vec<String>, git2::Error> {
        let git = self.git()?;
        let mut paths = Vec::new();
        let tree = git.find_commit(oid(commit)?)?.tree()?;
        tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
            if entry.kind() != Some(git2::ObjectType::Tree) {
                let name = String::from_utf8_lossy(entry.name_bytes());
                paths.push(format!("{folder}{name}"));
            }
            git2::TreeWalkResult::Ok
        })?;
        Ok(paths)
    }

    /// Why a branch takes nothing, when it is protected.
    pub fn protection(&self, branch: &str) -> Option<String> {
        let lines = fs::read_to_string(self.git_dir.join(PROTECTED)).ok()?;
        let name = format!("refs/heads/{branch}\t");
        let line = lines.lines().find_map(|line| line.strip_prefix(&name));
        line.map(str::to_owned)
    }

    /// Refuses all pushes to `branch` with `message`.
    pub fn protect(&self, branch: &str, message: &str) -> Result<(), StandInError> {
        let path = self.git_dir.join(PROTECTED);
        let mut lines = fs::read_to_string(&path).map_err(io("read a hook's settings"))?;
        lines.push_str(&format!(
            "refs/heads/{branch}\t{}\n",
            message.replace('\n', " ")
        ));
        fs::write(&path, lines).map_err(io("write a hook's settings"))
    }
}

pub(super) fn oid(sha: &Sha) -> Result<Oid, git2::Error> {
    Oid::from_str(sha.as_str())
}

pub(super) fn sha(oid: Oid) -> Result<Sha, git2::Error> {
    oid.to_string()
        .parse()
        .map_err(|_| git2::Error::from_str("an object id is not 40 hexadecimal digits"))
}

/// Tries again what a push holds up that is just being taken in.
fn unlocked<T>(mut work: impl FnMut() -> Result<T, git2::Error>) -> Result<T, git2::Error> {
    for _ in 0..LOCK_TRIES {
        match work() {
            Err(error) if error.code() == git2::ErrorCode::Locked => {
                std::thread::sleep(LOCK_PAUSE);
            }
            done => return done,
        }
    }
    work()
}
