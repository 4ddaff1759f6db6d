//! Fetching and pushing.

use std::cell::RefCell;
use std::fmt;
use std::time::Instant;

use git2::{AutotagOption, Direction, FetchOptions, PushOptions, RemoteCallbacks};
use secrecy::SecretString;

use super::call::{during, tidy};
use super::error::GitError;
use super::mirror::Mirror;
use super::names::{branch_ref, oid, sha};
use crate::domain::limits;
use crate::domain::name::Sha;

/// One reference of the server and where it goes in the mirror; what was there is overwritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refspec {
    from: String,
    to: String,
}

impl Refspec {
    /// A branch of the repository, kept as `refs/countersign/base/<name>` with any `/` of the name escaped: references
    /// are files, so `release` that was deleted long ago would keep `release/2` out of the mirror for ever.
    pub fn branch(name: &str) -> Result<Self, GitError> {
        let file = name.replace('%', "%25").replace('/', "%2F");
        Self::new(&branch_ref(name)?, &format!("refs/countersign/base/{file}"))
    }
    /// The head of a pull request, also of one from a fork, kept as `refs/countersign/pull/<number>`.
    pub fn pull(number: u64) -> Self {
        Self {
            from: format!("refs/pull/{number}/head"),
            to: format!("refs/countersign/pull/{number}"),
        }
    }
    /// Any reference, by full names without wildcards.
    pub fn new(from: &str, to: &str) -> Result<Self, GitError> {
        for name in [from, to] {
            let is_full = name.starts_with("refs/") && !name.contains('*');
            if !is_full || !git2::Reference::is_valid_name(name) {
                return Err(GitError::RefName {
                    name: name.to_owned(),
                });
            }
        }
        Ok(Self {
            from: from.to_owned(),
            to: to.to_owned(),
        })
    }
    /// Its name in the mirror, for [`Mirror::resolve`].
    pub fn to(&self) -> &str {
        &self.to
    }
}

impl fmt::Display for Refspec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}:{}", self.from, self.to)
    }
}

/// How a push ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushOutcome {
    /// The branch is at the commit; perhaps it was already.
    Pushed,
    /// The branch was not where we expected it, so nothing was pushed.
    Moved {
        /// Where it is; absent when it was deleted.
        to: Option<Sha>,
    },
    /// The server took the pack and said no: a hook, a protected branch.
    Refused {
        /// In the server's words, on one line. Untrusted text.
        reason: String,
    },
}

/// What the server had at the branch when a push was about to begin.
#[derive(Default)]
enum PushLease {
    #[default]
    NotSeen,
    Holds,
    Already,
    Lost(Option<Sha>),
}

/// What a push hears from the server.
#[derive(Default)]
struct Heard {
    /// Where the branch was when it began.
    lease: RefCell<PushLease>,
    /// Why the server took the objects and not the branch.
    rejection: RefCell<Option<String>>,
    /// Its words beside.
    words: RefCell<String>,
}

impl Heard {
    /// Goes on only while the branch is at `old`, and takes down what is said.
    fn callbacks(&self, new: git2::Oid, old: git2::Oid) -> RemoteCallbacks<'_> {
        let mut callbacks = RemoteCallbacks::new();
        callbacks.push_negotiation(move |updates| {
            let now = updates.first().map(git2::PushUpdate::src);
            let seen = match now {
                Some(now) if now == new => PushLease::Already,
                Some(now) if now == old => PushLease::Holds,
                Some(now) => PushLease::Lost(sha(now).ok().filter(|_| !now.is_zero())),
                None => PushLease::NotSeen,
            };
            let goes_on = matches!(seen, PushLease::Holds);
            self.lease.replace(seen);
            if goes_on {
                Ok(())
            } else {
                Err(git2::Error::from_str("the branch is elsewhere"))
            }
        });
        callbacks.push_update_reference(|_, rejected| {
            self.rejection.replace(rejected.map(str::to_owned));
            Ok(())
        });
        callbacks.sideband_progress(|said| {
            let mut words = self.words.borrow_mut();
            if words.len() < 4 * limits::GIT_WORDS_CHARS {
                words.push_str(&String::from_utf8_lossy(said));
            }
            true
        });
        callbacks
    }
}

impl Mirror {
    /// Fetches these references with their whole history. Prunes nothing and fetches no tags. Only one process or
    /// thread at a time fetches into a mirror; others wait.
    ///
    /// # Errors
    /// [`GitError::NoSuchRef`] when the server lacks one of them; then none is fetched.
    pub fn fetch(&self, token: Option<&SecretString>, refs: &[Refspec]) -> Result<(), GitError> {
        let url = self.url()?;
        let _lock = self.lock()?;
        let repository = self.repository()?;
        let deadline = Instant::now() + self.patience();
        let missing = during(url, token, self.patience(), "fetch", || {
            let mut remote = repository.remote_anonymous(url)?;
            let mut connection = remote.connect_auth(Direction::Fetch, None, None)?;
            let offered = connection.list()?;
            let missing: Vec<String> = (refs.iter())
                .filter(|wanted| offered.iter().all(|head| head.name() != wanted.from))
                .map(|wanted| wanted.from.clone())
                .collect();
            if !missing.is_empty() || refs.is_empty() {
                return Ok(missing);
            }
            let mut callbacks = RemoteCallbacks::new();
            // Also ends the indexing of what was received, which the transport does not see.
            callbacks.transfer_progress(|_| Instant::now() < deadline);
            let mut options = FetchOptions::new();
            options
                .remote_callbacks(callbacks)
                .update_fetchhead(false)
                .download_tags(AutotagOption::None);
            let specs: Vec<String> = refs.iter().map(Refspec::to_string).collect();
            connection
                .remote()
                .fetch(&specs, Some(&mut options), Some("countersign: fetch"))?;
            Ok(missing)
        });
        let missing = missing.map_err(|e| match e {
            GitError::Git { .. } if Instant::now() >= deadline => GitError::TimedOut {
                url: url.to_owned(),
                seconds: self.patience().as_secs(),
            },
            e => e,
        })?;
        if missing.is_empty() {
            Ok(())
        } else {
            Err(GitError::NoSuchRef {
                url: url.to_owned(),
                names: missing,
            })
        }
    }

    /// Puts `commit` on `branch` if the branch is still at `expected`. That is compared with what the server has when
    /// the push begins, and once more by the server when it ends; so a commit that somebody dropped by a forced push
    /// does not come back, which a push without force would do.
    ///
    /// # Errors
    /// [`GitError::NotOnTop`] when `commit` does not descend from `expected`. After any error, pushing again is safe.
    pub fn push(
        &self,
        token: Option<&SecretString>,
        commit: &Sha,
        branch: &str,
        expected: &Sha,
    ) -> Result<PushOutcome, GitError> {
        let url = self.url()?;
        let full = branch_ref(branch)?;
        let repository = self.repository()?;
        let (new, old) = (oid(commit)?, oid(expected)?);
        for (id, sha) in [(new, commit), (old, expected)] {
            let found = repository.find_commit(id);
            found.map_err(|_| GitError::NoCommit { sha: sha.clone() })?;
        }
        let is_on_top = new == old
            || (repository.graph_descendant_of(new, old))
                .map_err(GitError::git("compare commits"))?;
        if !is_on_top {
            return Err(GitError::NotOnTop {
                commit: commit.clone(),
                expected: expected.clone(),
            });
        }

        let heard = Heard::default();
        during(url, token, self.patience(), "push", || {
            let mut options = PushOptions::new();
            options
                .remote_callbacks(heard.callbacks(new, old))
                .packbuilder_parallelism(1);
            // The lease is what protects the branch. Without the force, libgit2 would refuse a branch that moved to a
            // commit it does not know before we learn where it moved to.
            let spec = format!("+{commit}:{full}");
            let pushed = repository
                .remote_anonymous(url)?
                .push(&[spec], Some(&mut options));
            match (pushed, &*heard.lease.borrow()) {
                (Err(_), PushLease::Already | PushLease::Lost(_)) => Ok(()),
                (pushed, _) => pushed,
            }
        })?;

        match heard.lease.into_inner() {
            PushLease::Already => return Ok(PushOutcome::Pushed),
            PushLease::Lost(to) => return Ok(PushOutcome::Moved { to }),
            PushLease::Holds | PushLease::NotSeen => {}
        }
        let Some(rejection) = heard.rejection.into_inner() else {
            return Ok(PushOutcome::Pushed);
        };
        // Servers word it differently when somebody was faster between our look and theirs; so look again.
        let at = self.remote_ref(token, &full)?;
        Ok(match at {
            Some(at) if at == *commit => PushOutcome::Pushed,
            Some(at) if at == *expected => PushOutcome::Refused {
                reason: tidy(&format!("{rejection}: {}", heard.words.into_inner()), token)
                    .trim_end_matches(':')
                    .to_owned(),
            },
            to => PushOutcome::Moved { to },
        })
    }

    /// What the server has at a reference now.
    fn remote_ref(
        &self,
        token: Option<&SecretString>,
        full: &str,
    ) -> Result<Option<Sha>, GitError> {
        let url = self.url()?;
        let repository = self.repository()?;
        let found = during(url, token, self.patience(), "list references", || {
            let mut remote = repository.remote_anonymous(url)?;
            let connection = remote.connect_auth(Direction::Fetch, None, None)?;
            let heads = connection.list()?;
            Ok((heads.iter())
                .find(|head| head.name() == full)
                .map(git2::RemoteHead::oid))
        })?;
        found.map(sha).transpose()
    }
}
