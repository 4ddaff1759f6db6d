//! Everything that this GitHub knows. One value behind one lock.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::auth::Token;
use super::checks::{CheckRun, CheckSuite};
use super::comments::Comment;
use super::error::StandInError;
use super::hooks::Hooks;
use super::identity::Identity;
use super::manifests::Manifest;
use super::pulls::Pull;
use super::reviews::{Review, ReviewComment};
use crate::names::{RepoName, Sha};

/// What somebody may do in a repository, by GitHub's role names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// Nearly everything; `write` where only a permission is told.
    Maintain,
    /// Push.
    Write,
    /// Manage issues; `read` where only a permission is told.
    Triage,
    /// Look.
    Read,
    /// Nothing.
    None,
}

/// An account.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub id: u64,
    pub login: String,
}

/// The App on one account.
#[derive(Debug, Clone)]
pub(super) struct Installation {
    pub id: u64,
    pub account: String,
    pub repos: Vec<RepoName>,
}

/// One repository with everything in it.
#[derive(Debug)]
pub(super) struct Repo {
    pub id: u64,
    pub name: RepoName,
    pub git_dir: PathBuf,
    pub default_branch: String,
    pub fork_of: Option<RepoName>,
    pub roles: BTreeMap<String, Role>,
    /// Branches as they were when somebody last looked; a push shows as a difference.
    pub branches: BTreeMap<String, Sha>,
    pub pulls: BTreeMap<u64, Pull>,
    pub comments: BTreeMap<u64, Comment>,
    pub reviews: BTreeMap<u64, Review>,
    pub review_comments: BTreeMap<u64, ReviewComment>,
    pub suites: BTreeMap<u64, CheckSuite>,
    pub check_runs: BTreeMap<u64, CheckRun>,
}

/// The whole.
pub(super) struct World {
    pub app: Identity,
    /// With the prefix, without a slash at the end.
    pub api: String,
    /// Where git and the pages are, without a slash at the end.
    pub server: String,
    pub dir: PathBuf,
    pub users: BTreeMap<String, User>,
    pub repos: BTreeMap<RepoName, Repo>,
    pub installations: Vec<Installation>,
    pub tokens: Vec<Token>,
    /// By the codes that they are given for.
    pub manifests: BTreeMap<String, Manifest>,
    pub hooks: Hooks,
    clock_ahead_ms: i64,
    last_id: u64,
}

impl World {
    pub fn new(app: Identity, api: String, server: String, dir: PathBuf, hooks: Hooks) -> Self {
        Self {
            app,
            api,
            server,
            dir,
            users: BTreeMap::new(),
            repos: BTreeMap::new(),
            installations: Vec::new(),
            tokens: Vec::new(),
            manifests: BTreeMap::new(),
            hooks,
            clock_ahead_ms: 0,
            // Real ids have long outgrown 32 bits; ours begin there so that nobody stores them in less.
            last_id: 5_000_000_000,
        }
    }

    pub fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond() + self.clock_ahead_ms
    }
    pub fn advance_clock(&mut self, ms: i64) {
        self.clock_ahead_ms += ms;
    }
    /// Every thing has an id of its own, greater than all before it.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The account of this login; made on the first mention.
    pub fn user(&mut self, login: &str) -> User {
        if let Some(user) = self.users.get(login) {
            return user.clone();
        }
        let user = User {
            id: self.next_id(),
            login: login.to_owned(),
        };
        self.users.insert(login.to_owned(), user.clone());
        user
    }
    pub fn bot(&mut self) -> User {
        let login = self.app.bot_login();
        self.user(&login)
    }

    pub fn repo(&self, name: &RepoName) -> Result<&Repo, StandInError> {
        self.repos
            .get(name)
            .ok_or_else(|| StandInError::NoRepo(name.clone()))
    }
    pub fn repo_mut(&mut self, name: &RepoName) -> Result<&mut Repo, StandInError> {
        self.repos
            .get_mut(name)
            .ok_or_else(|| StandInError::NoRepo(name.clone()))
    }
    pub fn installation_of(&self, repo: &RepoName) -> Option<&Installation> {
        self.installations
            .iter()
            .find(|installation| installation.repos.contains(repo))
    }
}

impl Repo {
    pub fn pull(&self, number: u64) -> Result<&Pull, StandInError> {
        self.pulls
            .get(&number)
            .ok_or_else(|| self.nothing("pull request", number))
    }
    pub fn nothing(&self, what: &'static str, which: impl ToString) -> StandInError {
        StandInError::Nothing {
            what,
            which: which.to_string(),
            repo: self.name.clone(),
        }
    }
    /// The role of somebody; the owner may everything, and whoever was never named may nothing.
    pub fn role(&self, login: &str) -> Role {
        match self.roles.get(login) {
            Some(role) => *role,
            None if login == self.name.owner() => Role::Admin,
            None => Role::None,
        }
    }
    pub fn git(&self) -> Result<git2::Repository, git2::Error> {
        git2::Repository::open_bare(&self.git_dir)
    }
}

/// A moment as GitHub writes it: seconds, UTC.
pub(super) fn time(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1000))
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .to_string()
}
