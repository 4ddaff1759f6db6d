//! What is looked up on GitHub before anything is begun.

use crate::domain::permission::Permission;
use crate::domain::place::RepoRef;
use crate::domain::pull::PullRequest;
use crate::edge::github::GitHub;
use crate::rules::authorize::{Permit, permit};
use crate::run::fault::Fault;

/// Whether this person may start something here.
pub async fn may_write(github: &GitHub, at: &RepoRef, login: &str) -> Result<bool, Fault> {
    may(github, at, login, Permission::Write).await
}

/// Whether this person may do what needs so much.
pub async fn may(
    github: &GitHub,
    at: &RepoRef,
    login: &str,
    needs: Permission,
) -> Result<bool, Fault> {
    let permission = github
        .permission(at, login)
        .await
        .map_err(|e| Fault::github("look up who may command", e))?;
    Ok(permit(permission, needs) == Permit::May)
}

/// The pull request as it is now.
pub async fn read(github: &GitHub, at: &RepoRef, number: u64) -> Result<PullRequest, Fault> {
    github
        .pull(at, number)
        .await
        .map_err(|e| Fault::github("read the pull request", e))
}
