//! What is looked up on GitHub before anything is begun.

use crate::domain::limits;
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
    Ok(permit(permission(github, at, login).await?, needs) == Permit::May)
}

/// What this person may do, as GitHub has it now.
pub async fn permission(github: &GitHub, at: &RepoRef, login: &str) -> Result<Permission, Fault> {
    let permission = github.permission(at, login).await;
    permission.map_err(|e| Fault::github("look up who may command", e))
}

/// The pull request as it is now. GitHub may tell of one before every server of its own knows it, so one that is not there is
/// asked for again after the pauses of [`limits::PULL_PAUSES`].
pub async fn read(github: &GitHub, at: &RepoRef, number: u64) -> Result<PullRequest, Fault> {
    let mut pauses = limits::PULL_PAUSES.into_iter();
    loop {
        let error = match github.pull(at, number).await {
            Ok(pull) => return Ok(pull),
            Err(error) => error,
        };
        match pauses.next() {
            Some(pause) if error.status() == Some(404) => tokio::time::sleep(pause).await,
            _ => return Err(Fault::github("read the pull request", error)),
        }
    }
}
