//! A pull request, and what caused a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::beginning::Start;
use super::decision::{Budget, Decisions};
use super::guidance::{Hint, Remarks};
use super::name::{InteractionKey, RepoName, RunId, Sha};
use super::place::{PullRef, RepoRef};

/// Whether a pull request can still be worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PullState {
    /// Open, and ready for review.
    Open,
    /// Open, and a draft.
    Draft,
    /// Closed or merged.
    Closed,
}

/// A pull request as GitHub has it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// The repository it wants to go into.
    pub repo: RepoName,
    /// Its number.
    pub number: u64,
    /// Whether it can be worked on.
    pub state: PullState,
    /// Its newest commit.
    pub head: Sha,
    /// The branch of that commit.
    pub head_branch: String,
    /// The repository of that branch; absent when a fork was deleted.
    pub head_repo: Option<RepoName>,
    /// The branch it wants to go into.
    pub base_branch: String,
    /// The newest commit of that branch.
    pub base: Sha,
    /// Who opened it.
    pub author: String,
}

impl PullRequest {
    /// How it is called on GitHub by an installation.
    pub fn reference(&self, installation: u64) -> PullRef {
        let repo = self.repo.clone();
        RepoRef { installation, repo }.pull(self.number)
    }
    /// Whether its branch is in another repository, which our token cannot write to.
    pub fn is_from_fork(&self) -> bool {
        self.head_repo.as_ref() != Some(&self.repo)
    }
}

/// Who an App's commits and comments are by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BotIdentity {
    /// `countersign[bot]`.
    pub login: String,
    /// The bot user's id, which GitHub wants in the commit's address.
    pub user_id: u64,
}

impl BotIdentity {
    /// The address that makes GitHub show the commit as the bot's, on the server with this host.
    /// Source: GitHub's docs, "Setting your commit email address".
    pub fn email(&self, server_host: &str) -> String {
        format!(
            "{}+{}@users.noreply.{server_host}",
            self.user_id, self.login
        )
    }
}

/// What makes us look at a pull request's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// It was opened.
    Opened,
    /// Its branch moved.
    Pushed,
    /// It is no draft any more.
    Ready,
    /// It was opened again.
    Reopened,
    /// It wants to go into another branch.
    BaseChanged,
}

/// Why there is a run, as its log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// The pull request has a head that was not looked at yet: opened, pushed to, reopened, made ready.
    Head,
    /// The pull request wants to go into another branch now, so the same head has to be compared again.
    Base,
    /// It was made ready or opened again, and the run of its head had waited for that or was stopped before.
    Woken {
        /// The delivery that says so, so that waking it twice is two runs.
        delivery: String,
    },
    /// Somebody asked for it in a comment.
    Retry {
        /// Their login.
        by: String,
        /// The comment's id.
        comment: u64,
        /// Only these; all when empty.
        only: Vec<InteractionKey>,
        /// What they want the agents to know.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        hints: Vec<Hint>,
        /// What people who may write had said at the functions' lines by then.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        remarks: BTreeMap<InteractionKey, Remarks>,
        /// What they begin from. Runs of before this was asked began from the scaffold, which was all that there was.
        #[serde(default)]
        start: Start,
        /// What the same comment decides besides.
        #[serde(default, skip_serializing_if = "Decisions::is_empty")]
        decisions: Decisions,
        /// What the builds may use up, in the place of what their specs say; the last that is about one counts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        budgets: Vec<Budget>,
    },
    /// Somebody decided something in a comment, and nothing that was judged is to be built again for it.
    Decided {
        /// Their login.
        by: String,
        /// The comment's id.
        comment: u64,
        /// What.
        decisions: Decisions,
        /// The run of the same head from which it goes on, when that had a plan. Without one there is nothing that may go on:
        /// a draft, or a stranger's pull request, is not begun by deciding something about it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<RunId>,
    },
    /// Somebody pressed *Re-run*.
    Rerun {
        /// Their login.
        by: String,
        /// The delivery that says so, so that pressing it twice is two runs.
        delivery: String,
        /// What the builds begin from.
        #[serde(default)]
        start: Start,
    },
    /// `countersign run`.
    Local {
        /// Tells two runs on the same commit apart.
        nonce: String,
        /// Only these; all that the branch changes when empty.
        only: Vec<InteractionKey>,
    },
}

impl Cause {
    /// What the builds begin from.
    pub fn start(&self) -> &Start {
        match self {
            Cause::Retry { start, .. } | Cause::Rerun { start, .. } => start,
            Cause::Head
            | Cause::Base
            | Cause::Woken { .. }
            | Cause::Decided { .. }
            | Cause::Local { .. } => &Start::Standing,
        }
    }

    /// Who asked for it, when it was a person with a name.
    pub fn asked_by(&self) -> Option<&str> {
        match self {
            Cause::Retry { by, .. } | Cause::Rerun { by, .. } | Cause::Decided { by, .. } => {
                Some(by)
            }
            Cause::Head | Cause::Base | Cause::Woken { .. } | Cause::Local { .. } => None,
        }
    }

    /// Whether whoever asked for it wants agents to work, where nothing else says so.
    pub fn wants_work(&self) -> bool {
        match self {
            Cause::Retry { .. } | Cause::Rerun { .. } => true,
            Cause::Decided { after, .. } => after.is_some(),
            Cause::Head | Cause::Base | Cause::Woken { .. } | Cause::Local { .. } => false,
        }
    }

    /// What somebody decided with it, and who.
    pub fn decisions(&self) -> Option<(&str, &Decisions)> {
        match self {
            Cause::Retry { by, decisions, .. } | Cause::Decided { by, decisions, .. } => {
                Some((by, decisions))
            }
            Cause::Head
            | Cause::Base
            | Cause::Woken { .. }
            | Cause::Rerun { .. }
            | Cause::Local { .. } => None,
        }
    }
}

/// Where a run's commits come from and go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "origin", rename_all = "kebab-case")]
pub enum Origin {
    /// A pull request on GitHub.
    PullRequest {
        /// The App's installation that may work on it.
        installation: u64,
        /// The pull request as it was when the run was asked for.
        pull: PullRequest,
    },
    /// A repository on this machine.
    Local {
        /// Its folder.
        repository: String,
        /// The commit that the specs are read from.
        head: Sha,
        /// What it is compared with.
        base: Sha,
    },
}

/// A run that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The same request has the same id, however often it arrives.
    pub run: RunId,
    /// Where it works.
    pub origin: Origin,
    /// Why.
    pub cause: Cause,
}

impl Request {
    /// The run that `cause` makes of `pull`.
    pub fn for_pull(installation: u64, pull: PullRequest, cause: Cause) -> Self {
        let why = match &cause {
            Cause::Head => "head".to_owned(),
            Cause::Base => format!("base {}", pull.base_branch),
            Cause::Retry { comment, .. } | Cause::Decided { comment, .. } => {
                format!("comment {comment}")
            }
            Cause::Woken { delivery } | Cause::Rerun { delivery, .. } => {
                format!("delivery {delivery}")
            }
            Cause::Local { nonce, .. } => nonce.clone(),
        };
        let number = pull.number.to_string();
        let run = RunId::from_cause(&[pull.repo.as_str(), &number, pull.head.as_str(), &why]);
        Self {
            run,
            origin: Origin::PullRequest { installation, pull },
            cause,
        }
    }
    /// The run of a local repository.
    pub fn local(
        repository: String,
        head: Sha,
        base: Sha,
        nonce: String,
        only: Vec<InteractionKey>,
    ) -> Self {
        let run = RunId::from_cause(&[&repository, head.as_str(), &nonce]);
        Self {
            run,
            origin: Origin::Local {
                repository,
                head,
                base,
            },
            cause: Cause::Local { nonce, only },
        }
    }
    /// The head commit that the run is for.
    pub fn head(&self) -> &Sha {
        match &self.origin {
            Origin::PullRequest { pull, .. } => &pull.head,
            Origin::Local { head, .. } => head,
        }
    }
    /// The pull request, if it is one.
    pub fn pull(&self) -> Option<&PullRequest> {
        match &self.origin {
            Origin::PullRequest { pull, .. } => Some(pull),
            Origin::Local { .. } => None,
        }
    }
    /// The repository: on GitHub, or as a folder.
    pub fn repository(&self) -> &str {
        match &self.origin {
            Origin::PullRequest { pull, .. } => pull.repo.as_str(),
            Origin::Local { repository, .. } => repository,
        }
    }
    /// Which pull request on GitHub, if it is one.
    pub fn pull_ref(&self) -> Option<PullRef> {
        match &self.origin {
            Origin::PullRequest { installation, pull } => Some(pull.reference(*installation)),
            Origin::Local { .. } => None,
        }
    }
    /// What runs one at a time: the pull request, or the folder of a local repository.
    pub fn place(&self) -> String {
        match &self.origin {
            Origin::PullRequest { installation, pull } => pull.reference(*installation).place(),
            Origin::Local { repository, .. } => repository.clone(),
        }
    }
}
