//! Commits that GitHub makes itself, and signs. Source: its docs, "createCommitOnBranch".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::name::Sha;
use crate::domain::place::RepoRef;
use crate::domain::tree::Edits;

use super::app::GitHub;
use super::broker::Scope;
use super::error::GitHubError;
use super::text::segment;

pub(super) const COMMIT: &str = "\
mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}";

/// A commit that GitHub is to make.
#[derive(Debug, Clone, Copy)]
pub struct ApiCommit<'a> {
    /// The branch, which has to be at `parent`.
    pub branch: &'a str,
    /// Its newest commit.
    pub parent: &'a Sha,
    /// Files by path from the root; nothing for those that go.
    pub edits: &'a Edits,
    /// Its message: a title, an empty line, the rest.
    pub message: &'a str,
}

impl ApiCommit<'_> {
    fn input(&self, at: &RepoRef) -> Value {
        let (headline, body) = self.message.split_once('\n').unwrap_or((self.message, ""));
        let additions: Vec<Value> = (self.edits.iter())
            .filter_map(|(path, content)| Some((path, content.as_ref()?)))
            .map(|(path, content)| json!({ "path": path, "contents": STANDARD.encode(content) }))
            .collect();
        let gone = self.edits.iter().filter(|(_, content)| content.is_none());
        let deletions: Vec<Value> = gone.map(|(path, _)| json!({ "path": path })).collect();
        json!({ "input": {
            "branch": { "repositoryNameWithOwner": at.repo, "branchName": self.branch },
            "expectedHeadOid": self.parent,
            "message": { "headline": headline, "body": body.trim() },
            "fileChanges": { "additions": additions, "deletions": deletions },
        } })
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiCommitted {
    /// The branch has it.
    Made(Sha),
    /// The branch is somewhere else.
    Moved,
    /// The branch does not take it.
    Refused {
        /// GitHub's words. Untrusted text.
        reason: String,
    },
}

/// A commit as far as it is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCommit {
    /// It.
    pub commit: Sha,
    /// What it is on top of.
    pub parents: Vec<Sha>,
    /// Its message.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    create_commit_on_branch: Option<Created>,
}

#[derive(Deserialize)]
struct Created {
    commit: Option<Oid>,
}

#[derive(Deserialize)]
struct Oid {
    oid: Sha,
}

#[derive(Deserialize)]
struct CommitBody {
    sha: Sha,
    commit: MessageBody,
    parents: Vec<ParentBody>,
}

#[derive(Deserialize)]
struct MessageBody {
    message: String,
}

#[derive(Deserialize)]
struct ParentBody {
    sha: Sha,
}

impl GitHub {
    /// Has GitHub make a commit, when the branch is where it is expected. Whoever does not hear the answer looks at the branch
    /// ([`GitHub::tip`]) before it is asked again.
    ///
    /// # Errors
    /// When GitHub fails.
    pub async fn commit_on_branch(
        &self,
        at: &RepoRef,
        commit: &ApiCommit<'_>,
    ) -> Result<ApiCommitted, GitHubError> {
        let variables = commit.input(at);
        match self
            .mutate::<Done>(at, Scope::Push, COMMIT, &variables)
            .await
        {
            Ok(done) => {
                let made = done.create_commit_on_branch.and_then(|made| made.commit);
                let missing = || GitHubError::Missing {
                    what: "createCommitOnBranch".into(),
                    field: "commit",
                };
                Ok(ApiCommitted::Made(made.ok_or_else(missing)?.oid))
            }
            Err(GitHubError::Refused { status: 409, .. }) => Ok(ApiCommitted::Moved),
            Err(GitHubError::Refused {
                status: 403 | 422,
                message,
                ..
            }) => Ok(ApiCommitted::Refused { reason: message }),
            Err(error) => Err(error),
        }
    }

    /// The newest commit of a branch; nothing when there is no such branch.
    ///
    /// # Errors
    /// When GitHub fails.
    pub async fn tip(&self, at: &RepoRef, branch: &str) -> Result<Option<SeenCommit>, GitHubError> {
        let branch: Vec<String> = branch.split('/').map(segment).collect();
        let path = format!("/repos/{}/commits/heads/{}", at.repo, branch.join("/"));
        match self.get::<CommitBody>(at, Scope::Read, &path).await {
            Ok(body) => Ok(Some(SeenCommit {
                commit: body.sha,
                parents: body.parents.into_iter().map(|parent| parent.sha).collect(),
                message: body.commit.message,
            })),
            // GitHub says 422 for a name that it does not know.
            Err(error) if matches!(error.status(), Some(404 | 422)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_told_as_github_takes_it() {
        let parent: Sha = "a".repeat(40).parse().expect("a sha");
        let edits: Edits = [
            ("a.ts".to_owned(), Some(b"x".to_vec())),
            ("b.ts".to_owned(), None),
        ]
        .into();
        let commit = ApiCommit {
            branch: "add",
            parent: &parent,
            edits: &edits,
            message: "title\n\nline\n\nTrailer: 1\n",
        };
        let at = RepoRef {
            installation: 1,
            repo: "acme/product".parse().expect("a name"),
        };
        let input = &commit.input(&at)["input"];
        assert_eq!(
            input["message"],
            json!({ "headline": "title", "body": "line\n\nTrailer: 1" })
        );
        assert_eq!(
            input["fileChanges"]["additions"],
            json!([{ "path": "a.ts", "contents": "eA==" }])
        );
        assert_eq!(
            input["fileChanges"]["deletions"],
            json!([{ "path": "b.ts" }])
        );
    }
}
