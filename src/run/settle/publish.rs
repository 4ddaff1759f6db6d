//! Where the commit goes: a branch of ours, a patch, or the pull request's branch.

use crate::domain::event::Settlement;
use crate::domain::name::Sha;
use crate::domain::place::RepoRef;
use crate::domain::pull::{Origin, PullRequest};
use crate::domain::settings::CommitBy;
use crate::edge::git::{Author, GitError, NewCommit, PushOutcome};
use crate::edge::github::{GitHub, Scope};
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

use super::settling::Settling;

/// A commit that was made and is nowhere yet.
pub(super) struct MadeCommit {
    /// It.
    pub commit: Sha,
    /// From what it was made.
    pub new: NewCommit,
    /// How many functions it brings.
    pub functions: usize,
}

impl Settling<'_> {
    /// Puts the commit where it belongs.
    pub(super) async fn publish(&self, made: MadeCommit) -> Result<Settlement, Fault> {
        match &self.request.origin {
            Origin::Local { .. } => self.publish_locally(made).await,
            Origin::PullRequest { pull, .. } if pull.is_from_fork() => self.show(made).await,
            Origin::PullRequest { installation, pull } => {
                self.push(made, pull, pull.reference(*installation).at)
                    .await
            }
        }
    }

    /// A branch of our own in the local repository.
    async fn publish_locally(&self, made: MadeCommit) -> Result<Settlement, Fault> {
        let mirror = self.checkout.mirror.clone();
        let branch = format!("countersign/{}", self.request.run);
        let (name, at) = (branch.clone(), made.commit.clone());
        blocking(move || mirror.set_branch(&name, &at))
            .await?
            .map_err(|e| Fault::Lasting(e.to_string()))?;
        Ok(Settlement::Committed {
            commit: made.commit,
            branch,
            paths: made.new.edits.keys().cloned().collect(),
        })
    }

    /// A patch, for a branch that our token cannot write to.
    async fn show(&self, made: MadeCommit) -> Result<Settlement, Fault> {
        let mirror = self.checkout.mirror.clone();
        let (from, to) = (self.checkout.head.clone(), made.commit);
        let patch = blocking(move || mirror.patch(&from, &to)).await?;
        let patch = patch.map_err(|e| Fault::passing("make the patch", e))?;
        let blobs = self.dossiers.blobs().clone();
        let patch = blocking(move || blobs.put(patch.as_bytes())).await?;
        let patch = patch.map_err(|e| Fault::evidence("keep the patch", e))?;
        Ok(Settlement::Fork {
            functions: made.functions as u32,
            patch,
        })
    }

    /// The pull request's branch, with a lease on the head that was planned.
    async fn push(
        &self,
        made: MadeCommit,
        pull: &PullRequest,
        place: RepoRef,
    ) -> Result<Settlement, Fault> {
        let MadeCommit { commit, new, .. } = made;
        let github = self.github()?;
        if self.checkout.settings.commit_by == CommitBy::Api {
            return self.commit_by_api(github, &new, pull, &place).await;
        }
        let paths = new.edits.into_keys().collect();
        let committed = |commit: Sha| Settlement::Committed {
            commit,
            branch: pull.head_branch.clone(),
            paths,
        };
        // Pushed by this very run before it was interrupted, and the branch is back where it was: a person did that.
        let known = github
            .has_commit(&place, &commit)
            .await
            .map_err(|e| Fault::github("look whether the commit was pushed before", e))?;
        if known && self.checkout.at == commit {
            return Ok(committed(commit));
        }
        if known {
            return Ok(Settlement::PushRefused {
                reason: format!(
                    "The commit {} was on the branch already and somebody took it off again. Comment `/retry` to build anew.",
                    commit.short()
                ),
            });
        }
        let token = github
            .broker()
            .token(&place, Scope::Push)
            .await
            .map_err(|e| Fault::github("get a token to push", e))?;
        let mirror = self.checkout.mirror.clone();
        let (branch, expected, at) = (
            pull.head_branch.clone(),
            self.checkout.head.clone(),
            commit.clone(),
        );
        let key = token.clone();
        let pushed = blocking(move || mirror.push(Some(&key), &at, &branch, &expected)).await?;
        if let Err(GitError::Denied { status: 401, .. }) = &pushed {
            github.broker().discard(&place, Scope::Push, &token).await;
        }
        let outcome = pushed.map_err(|e| Fault::git("push the commit", e))?;
        Ok(match outcome {
            PushOutcome::Pushed => committed(commit),
            PushOutcome::Moved { to } => Settlement::Moved { to },
            PushOutcome::Refused { reason } => Settlement::PushRefused { reason },
        })
    }

    pub(super) async fn author(&self) -> Result<Author, Fault> {
        let Origin::PullRequest { installation, pull } = &self.request.origin else {
            return Ok(Author {
                name: "countersign".into(),
                email: "countersign@localhost".into(),
            });
        };
        let github = self.github()?;
        let place = pull.reference(*installation).at;
        let bot = github
            .bot_identity(&place)
            .await
            .map_err(|e| Fault::github("look up our own account", e))?;
        Ok(Author {
            email: bot.email(&github.server_host()),
            name: bot.login,
        })
    }

    /// Who asked for it, as GitHub wants co-authors.
    pub(super) async fn coauthor(&self) -> Result<Option<String>, Fault> {
        let Origin::PullRequest { installation, pull } = &self.request.origin else {
            return Ok(None);
        };
        let github = self.github()?;
        let place = pull.reference(*installation).at;
        let login = self.request.cause.asked_by().unwrap_or(&pull.author);
        match github.user_id(&place, login).await {
            Ok(id) => Ok(Some(format!(
                "{login} <{id}+{login}@users.noreply.{}>",
                github.server_host()
            ))),
            // A deleted account is no reason to lose a commit.
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(Fault::github("look up who asked for it", error)),
        }
    }

    fn github(&self) -> Result<&GitHub, Fault> {
        self.github
            .ok_or_else(|| Fault::Lasting("this process was started without a GitHub App".into()))
    }
}
