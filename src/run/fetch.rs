//! The repository as a run sees it: fetched, compared, and with the settings of its base branch.

use std::path::Path;
use std::time::Duration;

use crate::domain::ending::{CancelReason, Ending};
use crate::domain::limits;
use crate::domain::name::{RepoName, Sha};
use crate::domain::permission::Permission;
use crate::domain::place::RepoRef;
use crate::domain::pull::{Origin, PullState, Request};
use crate::domain::settings::{Drafts, Settings};
use crate::edge::git::{GitError, Mirror, Refspec};
use crate::edge::github::{GitHub, Scope};
use crate::rules::specs;

use super::blocking::blocking;
use super::fault::Fault;
use super::kept::mirrors;
use super::sources;

/// A repository at the commits of one run.
#[derive(Debug, Clone)]
pub struct Checkout {
    /// Where its objects are.
    pub mirror: Mirror,
    /// The commit that the run is for.
    pub head: Sha,
    /// What the branch was at: the head, or what this run pushed before it was interrupted.
    pub at: Sha,
    /// What the head is compared with.
    pub merge_base: Sha,
    /// The newest commit of the base branch: what steers agents is read from here.
    pub base: Sha,
    /// The repository's settings.
    pub settings: Settings,
}

/// What looking at the repository led to.
#[derive(Debug)]
pub enum Looked {
    /// There is something to work on.
    At(Box<Checkout>),
    /// The run ends here.
    End(Ending),
}

/// Looks at the repository of a run. GitHub is asked only where there is a pull request.
pub async fn look(
    github: Result<&GitHub, Fault>,
    mirrors: &Path,
    request: &Request,
) -> Result<Looked, Fault> {
    match &request.origin {
        Origin::PullRequest { .. } => pull(github?, mirrors, request).await,
        Origin::Local {
            repository,
            head,
            base,
        } => local(repository.as_ref(), head, base).await,
    }
}

/// Fetches the pull request of `request` and decides whether it can be worked on.
async fn pull(github: &GitHub, mirrors: &Path, request: &Request) -> Result<Looked, Fault> {
    let Origin::PullRequest { installation, pull } = &request.origin else {
        return Err(Fault::bug("a local run has no pull request"));
    };
    let place = pull.reference(*installation).at;
    let now = github
        .pull(&place, pull.number)
        .await
        .map_err(|e| Fault::github("read the pull request", e))?;
    if now.state == PullState::Closed {
        return Ok(Looked::End(Ending::Cancelled {
            reason: CancelReason::PullRequestClosed,
        }));
    }
    if let Some(why) = waits_for_a_writer(github, &place, request).await? {
        return Ok(Looked::End(Ending::Waiting { why }));
    }
    let mirror = mirror(github, mirrors, &pull.repo).await?;
    let fetched = fetched(github, &place, &mirror, pull.number, &now.base_branch).await?;
    let Fetched {
        head: Some(_),
        base: Some(base),
    } = fetched
    else {
        return Ok(Looked::End(Ending::Cancelled {
            reason: CancelReason::BranchGone,
        }));
    };
    // GitHub moves `refs/pull` a little later than the pull request itself.
    let at = now.head.clone();
    if !mirror
        .contains(&at)
        .map_err(|e| Fault::git("look for the head", e))?
    {
        let why = format!("commit {} is not among what was fetched", at.short());
        return Err(Fault::passing("fetch the newest commit", why));
    }
    if at != pull.head && !is_our_commit(&mirror, &at, request).await? {
        return Ok(Looked::End(Ending::moved(Some(at))));
    }
    let looked = at_commits(mirror, pull.head.clone(), at, base).await?;
    Ok(match looked {
        Looked::At(checkout) => match waits(now.state, request, &checkout.settings) {
            Some(ending) => Looked::End(ending),
            None => Looked::At(checkout),
        },
        end @ Looked::End(_) => end,
    })
}

/// What a run ends with before it commits anything, when its pull request was closed or made a draft while it worked. What it
/// made stays for the next one.
pub async fn meanwhile(
    github: Option<&GitHub>,
    request: &Request,
    settings: &Settings,
) -> Result<Option<Ending>, Fault> {
    let (Some(github), Origin::PullRequest { installation, pull }) = (github, &request.origin)
    else {
        return Ok(None);
    };
    let place = pull.reference(*installation).at;
    let now = (github.pull(&place, pull.number).await)
        .map_err(|e| Fault::github("read the pull request", e))?;
    Ok(waits(now.state, request, settings))
}

fn waits(state: PullState, request: &Request, settings: &Settings) -> Option<Ending> {
    let is_asked = request.cause.wants_work();
    match state {
        PullState::Closed => Some(Ending::stopped(CancelReason::PullRequestClosed)),
        PullState::Draft if settings.drafts == Drafts::Wait && !is_asked => Some(Ending::Waiting {
            why: "This is a draft. It is worked on when it is ready for review, or when somebody comments `/retry`.".into(),
        }),
        PullState::Draft | PullState::Open => None,
    }
}

/// The repository as whoever planned the run of `request` saw it, at the same commit `base` of its base branch.
///
/// # Errors
/// When it cannot be fetched, or GitHub does not have those commits any more.
pub async fn again(
    github: &GitHub,
    mirrors: &Path,
    request: &Request,
    base: Option<&Sha>,
) -> Result<Checkout, Fault> {
    let Origin::PullRequest { installation, pull } = &request.origin else {
        return Err(Fault::bug("a local run is built where it was begun"));
    };
    let mirror = mirror(github, mirrors, &pull.repo).await?;
    let has =
        |commit: &Sha| (mirror.contains(commit)).map_err(|e| Fault::git("look for a commit", e));
    let base = match base {
        Some(base) if has(&pull.head)? && has(base)? => base.clone(),
        known => {
            let place = pull.reference(*installation).at;
            let fetched = fetched(github, &place, &mirror, pull.number, &pull.base_branch).await?;
            let gone = || Fault::passing("fetch the commits of the run", "they are not there");
            let base = known.or(fetched.base.as_ref()).ok_or_else(gone)?;
            if !has(&pull.head)? || !has(base)? {
                return Err(gone());
            }
            base.clone()
        }
    };
    let head = pull.head.clone();
    match at_commits(mirror, head.clone(), head, base).await? {
        Looked::At(checkout) => Ok(*checkout),
        Looked::End(ending) => Err(Fault::bug(format!(
            "a run that was planned ends: {ending:?}"
        ))),
    }
}

/// What the branches of a pull request are at, where they are there.
struct Fetched {
    head: Option<Sha>,
    base: Option<Sha>,
}

async fn fetched(
    github: &GitHub,
    place: &RepoRef,
    mirror: &Mirror,
    number: u64,
    base_branch: &str,
) -> Result<Fetched, Fault> {
    let token = github
        .broker()
        .token(place, Scope::Read)
        .await
        .map_err(|e| Fault::github("get a token to read", e))?;
    let (mirror, base_branch, key) = (mirror.clone(), base_branch.to_owned(), token.clone());
    let fetched = blocking(move || {
        let (head, base) = (Refspec::pull(number), Refspec::branch(&base_branch)?);
        mirror.fetch(Some(&key), &[head.clone(), base.clone()])?;
        let (head, base) = (mirror.resolve(head.to())?, mirror.resolve(base.to())?);
        Ok::<_, GitError>(Fetched { head, base })
    })
    .await?;
    if let Err(GitError::Denied { status: 401, .. }) = &fetched {
        github.broker().discard(place, Scope::Read, &token).await;
    }
    fetched.map_err(|e| Fault::git("fetch the pull request", e))
}

/// Opens the repository of a local run.
async fn local(repository: &Path, head: &Sha, base: &Sha) -> Result<Looked, Fault> {
    let mirror = Mirror::local(repository).map_err(|e| Fault::Lasting(e.to_string()))?;
    at_commits(mirror, head.clone(), head.clone(), base.clone()).await
}

async fn at_commits(mirror: Mirror, head: Sha, at: Sha, base: Sha) -> Result<Looked, Fault> {
    blocking(move || {
        let Some(merge_base) = mirror.merge_base(&base, &head)? else {
            return Ok(Looked::End(Ending::Declined {
                why: "The branch and its base have no common history, so there is nothing to compare.".into(),
            }));
        };
        let file = sources::settings(&mirror, &base)?;
        let settings = match file.map(|file| specs::read_settings(&file)) {
            None => Settings::default(),
            Some(Ok(settings)) => settings,
            Some(Err(problems)) => {
                let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
                return Ok(Looked::End(Ending::Declined {
                    why: format!("The settings on the base branch have errors:\n{}", list.join("\n")),
                }));
            }
        };
        Ok(Looked::At(Box::new(Checkout { mirror, head, at, merge_base, base, settings })))
    })
    .await?
    .map_err(|e: GitError| Fault::passing("compare the branch with its base", e))
}

/// A stranger's pull request costs money and steers agents with its words: somebody who may write here has to start it.
async fn waits_for_a_writer(
    github: &GitHub,
    place: &RepoRef,
    request: &Request,
) -> Result<Option<String>, Fault> {
    let Some(pull) = request.pull().filter(|pull| pull.is_from_fork()) else {
        return Ok(None);
    };
    if request.cause.wants_work() {
        return Ok(None);
    }
    let permission = github
        .permission(place, &pull.author)
        .await
        .map_err(|e| Fault::github("look up who may write", e))?;
    Ok(match crate::rules::authorize::permit(permission, Permission::Write) {
        crate::rules::authorize::Permit::May => None,
        crate::rules::authorize::Permit::MayNot => Some(
            "This pull request comes from a fork. Somebody who may write to this repository starts it with `/retry`."
                .into(),
        ),
    })
}

/// Whether `commit` is what this run pushed already, before it was interrupted.
async fn is_our_commit(mirror: &Mirror, commit: &Sha, request: &Request) -> Result<bool, Fault> {
    let (mirror, commit, trailer) = (
        mirror.clone(),
        commit.clone(),
        crate::domain::name::run_trailer(&request.run),
    );
    let message = blocking(move || mirror.message(&commit))
        .await?
        .map_err(|e| Fault::passing("read the newest commit's message", e))?;
    Ok(message.lines().any(|line| line == trailer))
}

/// The mirror of a repository of GitHub.
pub async fn mirror(github: &GitHub, mirrors: &Path, repo: &RepoName) -> Result<Mirror, Fault> {
    let dir = mirrors::place(mirrors, repo);
    let url = github.clone_url(repo);
    let patience = Duration::from_secs(limits::GIT_SECONDS);
    blocking(move || Mirror::open(&dir, &url, patience))
        .await?
        .map_err(|e| Fault::passing("open the mirror of the repository", e))
}
