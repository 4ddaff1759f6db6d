//! Pull requests as GitHub has them now.

use serde::Deserialize;

use crate::domain::name::Sha;
use crate::domain::pull::{PullRequest, PullState};

use super::app::GitHub;
use super::broker::Scope;
use super::error::GitHubError;
use crate::domain::place::RepoRef;

#[derive(Deserialize)]
struct PullRequestBody {
    number: u64,
    state: String,
    #[serde(default)]
    draft: Option<bool>,
    head: End,
    base: End,
    user: Option<PullUser>,
}

#[derive(Deserialize)]
struct End {
    sha: String,
    r#ref: String,
    repo: Option<Repo>,
}

#[derive(Deserialize)]
struct Repo {
    full_name: String,
}

#[derive(Deserialize)]
struct PullUser {
    login: String,
}

impl GitHub {
    /// The pull request with this number.
    pub async fn pull(&self, at: &RepoRef, number: u64) -> Result<PullRequest, GitHubError> {
        let path = format!("/repos/{}/pulls/{number}", at.repo);
        let pull: PullRequestBody = self.get(at, Scope::Look, &path).await?;
        pull.read(at, &path)
    }

    /// Whether the repository has this commit, on whatever branch or on none.
    pub async fn has_commit(&self, at: &RepoRef, commit: &Sha) -> Result<bool, GitHubError> {
        let path = format!("/repos/{}/commits/{commit}", at.repo);
        match self
            .get::<serde::de::IgnoredAny>(at, Scope::Read, &path)
            .await
        {
            Ok(_) => Ok(true),
            // GitHub says 422 for an id that it does not know.
            Err(error) if matches!(error.status(), Some(404 | 422)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// All open pull requests, drafts included.
    pub async fn open_pulls(&self, at: &RepoRef) -> Result<Vec<PullRequest>, GitHubError> {
        let path = format!("/repos/{}/pulls", at.repo);
        let list = format!("{path}?state=open&sort=created&direction=asc");
        let pages: Vec<Vec<PullRequestBody>> = self.pages(at, Scope::Look, &list).await?;
        let pulls = pages.into_iter().flatten();
        pulls.map(|pull| pull.read(at, &path)).collect()
    }

    /// The open pull requests whose newest commit this is, those from forks included. GitHub's own list of a commit's
    /// pull requests does not know forks.
    pub async fn pulls_with_head(
        &self,
        at: &RepoRef,
        head: &Sha,
    ) -> Result<Vec<PullRequest>, GitHubError> {
        let mut pulls = self.open_pulls(at).await?;
        pulls.retain(|pull| &pull.head == head);
        Ok(pulls)
    }
}

impl PullRequestBody {
    fn read(self, at: &RepoRef, path: &str) -> Result<PullRequest, GitHubError> {
        let sha = |text: &str, field| {
            text.parse::<Sha>().map_err(|_| GitHubError::Missing {
                what: format!("GET {path}"),
                field,
            })
        };
        let state = match (self.state.as_str(), self.draft) {
            ("open", Some(true)) => PullState::Draft,
            ("open", _) => PullState::Open,
            _ => PullState::Closed,
        };
        Ok(PullRequest {
            // Not the base's own name: that is another one after the repository was renamed, and everything else of a
            // run speaks of the repository by the name in `at`.
            repo: at.repo.clone(),
            number: self.number,
            state,
            head: sha(&self.head.sha, "head.sha")?,
            head_branch: self.head.r#ref,
            head_repo: match (self.head.repo, self.base.repo) {
                (Some(head), Some(base)) if head.full_name == base.full_name => {
                    Some(at.repo.clone())
                }
                (head, _) => head.and_then(|head| head.full_name.parse().ok()),
            },
            base_branch: self.base.r#ref,
            base: sha(&self.base.sha, "base.sha")?,
            // The account of an author may be gone; GitHub shows such as `ghost`.
            author: self.user.map_or_else(|| "ghost".into(), |user| user.login),
        })
    }
}
