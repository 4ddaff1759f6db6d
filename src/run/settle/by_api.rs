//! A commit that GitHub makes, for repositories that want it signed.

use crate::domain::event::Settlement;
use crate::domain::name::run_trailer;
use crate::domain::place::RepoRef;
use crate::domain::pull::PullRequest;
use crate::edge::git::NewCommit;
use crate::edge::github::{ApiCommit, ApiCommitted, GitHub, SeenCommit};
use crate::run::fault::Fault;

use super::settling::Settling;

impl Settling<'_> {
    /// Has GitHub make the commit on the pull request's branch, if that is where it was planned. An interruption may have hidden
    /// that it did: then the branch has a commit of this run on top of the head.
    pub(super) async fn commit_by_api(
        &self,
        github: &GitHub,
        new: &NewCommit,
        pull: &PullRequest,
        place: &RepoRef,
    ) -> Result<Settlement, Fault> {
        let committed = |commit| Settlement::Committed {
            commit,
            branch: pull.head_branch.clone(),
            paths: new.edits.keys().cloned().collect(),
        };
        let tip = github.tip(place, &pull.head_branch).await;
        let tip = tip.map_err(|e| Fault::github("look at the branch", e))?;
        match tip {
            Some(tip) if tip.commit == new.parent => {}
            Some(tip) if self.is_ours(&tip, new) => return Ok(committed(tip.commit)),
            tip => {
                let to = tip.map(|tip| tip.commit);
                return Ok(Settlement::Moved { to });
            }
        }
        let commit = ApiCommit {
            branch: &pull.head_branch,
            parent: &new.parent,
            edits: &new.edits,
            message: &new.message,
        };
        let made = github.commit_on_branch(place, &commit).await;
        Ok(
            match made.map_err(|e| Fault::github("make the commit", e))? {
                ApiCommitted::Made(commit) => committed(commit),
                ApiCommitted::Moved => {
                    let now = github.tip(place, &pull.head_branch).await;
                    let now = now.map_err(|e| Fault::github("look at the branch", e))?;
                    let to = now.map(|tip| tip.commit);
                    Settlement::Moved { to }
                }
                ApiCommitted::Refused { reason } => Settlement::PushRefused { reason },
            },
        )
    }

    fn is_ours(&self, tip: &SeenCommit, new: &NewCommit) -> bool {
        let trailer = run_trailer(&self.request.run);
        tip.parents == [new.parent.clone()] && tip.message.lines().any(|line| line == trailer)
    }
}
