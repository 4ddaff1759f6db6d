//! A repository on this machine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{ErrorCode, Repository, RepositoryInitOptions, RepositoryOpenFlags};

use super::error::GitError;
use super::names::{branch_ref, check_url, oid, sha};
use super::setup;
use crate::domain::limits;
use crate::domain::name::Sha;
use crate::os::files::{self, NotLocked};

/// A repository on this machine: a bare mirror of ours, or one that belongs to a user.
///
/// It is a path and an address, no open file: it can be cloned and used from many threads, and what another process
/// fetched is seen at once. Every method opens the repository anew and may block.
#[derive(Debug, Clone)]
pub struct Mirror {
    dir: PathBuf,
    url: Option<String>,
    patience: Duration,
}

impl Mirror {
    /// The bare mirror of `url` in `dir`, created when it is not there yet. Two processes may do this at once, and one
    /// that was killed in the middle leaves nothing in the way. The address is not written into the mirror. Each fetch,
    /// push and wait for a lock takes at most `patience`.
    ///
    /// # Errors
    /// When `url` is not http(s) or has a user name or password in it, or when something else is in `dir`.
    pub fn open(dir: &Path, url: &str, patience: Duration) -> Result<Self, GitError> {
        setup::libgit2()?;
        let mirror = Self {
            dir: dir.to_owned(),
            url: Some(check_url(url)?),
            patience,
        };
        // A mirror appears whole, so one that is there needs no lock, which a long fetch may hold.
        if mirror.is_absent()? {
            let parent = dir.parent().unwrap_or(dir);
            fs::create_dir_all(parent).map_err(GitError::files("create", parent))?;
            let _lock = mirror.lock()?;
            if mirror.is_absent()? {
                mirror.create()?;
            }
        }
        mirror.repository()?;
        Ok(mirror)
    }

    /// Removes the bare mirror in `dir`, with what a killed process left of one; nothing when there is none. Waits at most
    /// `patience` for whoever fetches into it.
    ///
    /// # Errors
    /// When somebody still does, or the file system refuses.
    pub fn remove(dir: &Path, patience: Duration) -> Result<(), GitError> {
        let mirror = Self {
            dir: dir.to_owned(),
            url: None,
            patience,
        };
        let lock = mirror.beside("lock");
        if mirror.is_absent()? && !lock.exists() {
            return Ok(());
        }
        let held = mirror.lock()?;
        for folder in [mirror.dir.clone(), mirror.beside("new")] {
            files::remove_all(&folder).map_err(GitError::files("remove", folder))?;
        }
        drop(held);
        match fs::remove_file(&lock) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(GitError::files("remove", lock)(e))
            }
            _ => Ok(()),
        }
    }

    /// The repository that `dir` is in, for `countersign run`: objects are read and branches created in it; its work
    /// tree, its index and the branch that is checked out stay as they are.
    pub fn local(dir: &Path) -> Result<Self, GitError> {
        setup::libgit2()?;
        let repository = Repository::discover(dir).map_err(|source| GitError::NoLocal {
            dir: dir.to_owned(),
            source,
        })?;
        Ok(Self {
            dir: repository.path().to_owned(),
            url: None,
            patience: Duration::from_secs(limits::GIT_SECONDS),
        })
    }

    /// The top of the work tree.
    ///
    /// # Errors
    /// When the repository is bare.
    pub fn work_tree(&self) -> Result<PathBuf, GitError> {
        let repository = self.repository()?;
        let top = repository.workdir().map(Path::to_owned);
        top.ok_or_else(|| GitError::NoWorkTree {
            dir: self.dir.clone(),
        })
    }

    /// What the reference is at, as a commit: a full name (`refs/countersign/pull/7`), `HEAD`, or a branch or tag as a
    /// person would write it.
    pub fn resolve(&self, name: &str) -> Result<Option<Sha>, GitError> {
        let repository = self.repository()?;
        let found = if name == "HEAD" || name.starts_with("refs/") {
            repository.find_reference(name)
        } else {
            repository.resolve_reference_from_short_name(name)
        };
        match found.and_then(|reference| reference.peel_to_commit()) {
            Ok(commit) => Ok(Some(sha(commit.id())?)),
            Err(e) if matches!(e.code(), ErrorCode::NotFound | ErrorCode::UnbornBranch) => Ok(None),
            Err(e) if e.code() == ErrorCode::InvalidSpec => Err(GitError::RefName {
                name: name.to_owned(),
            }),
            Err(e) => Err(GitError::git("look up a reference")(e)),
        }
    }

    /// Whether the commit is here.
    pub fn contains(&self, commit: &Sha) -> Result<bool, GitError> {
        Ok(self.repository()?.find_commit(oid(commit)?).is_ok())
    }

    /// Creates a branch of a local run, or finds it there already at this commit.
    ///
    /// # Errors
    /// [`GitError::BranchTaken`] when it is at another commit.
    pub fn set_branch(&self, name: &str, commit: &Sha) -> Result<(), GitError> {
        let full = branch_ref(name)?;
        let repository = self.repository()?;
        let id = oid(commit)?;
        repository.find_commit(id).map_err(|_| GitError::NoCommit {
            sha: commit.clone(),
        })?;
        match repository.reference(&full, id, false, "countersign: created") {
            Ok(_) => Ok(()),
            Err(e) if e.code() == ErrorCode::Exists => match self.resolve(&full)? {
                Some(at) if at == *commit => Ok(()),
                Some(at) => Err(GitError::BranchTaken {
                    branch: name.to_owned(),
                    at,
                }),
                None => Err(GitError::git("create a branch")(e)),
            },
            Err(e) => Err(GitError::git("create a branch")(e)),
        }
    }

    /// The repository, opened; not one further up, should `dir` have become something else.
    pub(super) fn repository(&self) -> Result<Repository, GitError> {
        let above: [&Path; 0] = [];
        let flags = RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::NO_DOTGIT;
        let opened = Repository::open_ext(&self.dir, flags, above);
        opened.map_err(|source| {
            let dir = self.dir.clone();
            match self.url {
                Some(_) => GitError::NotARepository { dir, source },
                None => GitError::NoLocal { dir, source },
            }
        })
    }

    /// The address, for a fetch or push.
    pub(super) fn url(&self) -> Result<&str, GitError> {
        (self.url.as_deref()).ok_or_else(|| GitError::NoRemote {
            dir: self.dir.clone(),
        })
    }

    /// How long a fetch, push or wait may take.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// Keeps other processes and threads from creating the mirror or fetching into it, until the file is dropped; the
    /// system drops it when the process is killed.
    pub(super) fn lock(&self) -> Result<File, GitError> {
        let path = self.beside("lock");
        files::lock(&path, self.patience, || ()).map_err(|why| match why {
            NotLocked::Busy => GitError::Busy {
                lock: path,
                seconds: self.patience.as_secs(),
            },
            NotLocked::Create(e) => GitError::files("create", path)(e),
            NotLocked::Lock(e) => GitError::files("lock", path)(e),
        })
    }

    /// Whether nothing is in its place yet, or an empty folder.
    fn is_absent(&self) -> Result<bool, GitError> {
        match fs::read_dir(&self.dir) {
            Ok(mut entries) => Ok(entries.next().is_none()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(true),
            Err(e) => Err(GitError::files("read", &self.dir)(e)),
        }
    }

    /// Creates the repository next to its place and moves it there whole. The caller has the lock.
    fn create(&self) -> Result<(), GitError> {
        let half_made = self.beside("new");
        match fs::remove_dir_all(&half_made) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(GitError::files("remove", half_made)(e));
            }
            _ => {}
        }
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false);
        Repository::init_opts(&half_made, &options).map_err(GitError::git("create a mirror"))?;
        fs::rename(&half_made, &self.dir).map_err(GitError::files("create", &self.dir))
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.dir.file_name().unwrap_or_default().to_owned();
        name.push(".");
        name.push(ending);
        self.dir.with_file_name(name)
    }
}
