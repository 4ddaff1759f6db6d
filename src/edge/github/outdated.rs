//! What we said at an earlier head: looked up, and put out of the way. Everybody's own words stay as they are.

use axum::http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::domain::limits;
use crate::domain::place::RepoRef;
use crate::domain::post::{OwnReview, OwnThread};

use super::app::GitHub;
use super::broker::Scope;
use super::commit::COMMIT;
use super::error::GitHubError;
use super::redacted::Redacted;
use super::review_reactions::REACT;

const REVIEWS: &str = "\
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      found: reviews(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id fullDatabaseId url body isMinimized viewerDidAuthor }
      }
    }
  }
}";

const THREADS: &str = "\
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      found: reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved isOutdated path
          comments(first: 100) { totalCount nodes { body viewerDidAuthor } }
        }
      }
    }
  }
}";

const MINIMIZE: &str = "\
mutation($id: ID!) {
  minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { clientMutationId }
}";

const RESOLVE: &str = "\
mutation($id: ID!) {
  resolveReviewThread(input: { threadId: $id }) { clientMutationId }
}";

/// All that is sent, for whoever holds it against GitHub's schema.
pub const QUERIES: [&str; 6] = [REVIEWS, THREADS, MINIMIZE, RESOLVE, REACT, COMMIT];

#[derive(Deserialize)]
struct Found<T> {
    repository: Option<RepositoryJson<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RepositoryJson<T> {
    pull_request: Option<PullJson<T>>,
}

#[derive(Deserialize)]
struct PullJson<T> {
    found: Page<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    page_info: PageInfo,
    // Null for what a token may not see.
    nodes: Vec<Option<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReviewJson {
    id: String,
    /// A number of 64 bits, as a string.
    full_database_id: Option<String>,
    url: String,
    body: String,
    is_minimized: bool,
    viewer_did_author: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ThreadJson {
    id: String,
    is_resolved: bool,
    is_outdated: bool,
    path: String,
    comments: CommentsJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommentsJson {
    total_count: usize,
    nodes: Vec<Option<CommentJson>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommentJson {
    body: String,
    viewer_did_author: bool,
}

impl ThreadJson {
    /// The thread, when we began it.
    fn ours(self) -> Option<OwnThread> {
        let comments: Vec<CommentJson> = self.comments.nodes.into_iter().flatten().collect();
        let first = comments.first().filter(|first| first.viewer_did_author)?;
        // Who is not shown may have said something.
        let is_answered = self.comments.total_count > comments.len()
            || comments.iter().any(|comment| !comment.viewer_did_author);
        Some(OwnThread {
            id: self.id,
            path: self.path,
            body: first.body.clone(),
            is_resolved: self.is_resolved,
            is_outdated: self.is_outdated,
            is_answered,
        })
    }
}

impl GitHub {
    /// Reviews of ours, oldest first.
    pub async fn own_reviews(
        &self,
        at: &RepoRef,
        pull: u64,
    ) -> Result<Vec<OwnReview>, GitHubError> {
        let found: Vec<ReviewJson> = self.all(at, pull, REVIEWS).await?;
        let ours = found.into_iter().filter(|review| review.viewer_did_author);
        Ok(ours
            .map(|review| OwnReview {
                id: review.id,
                number: review.full_database_id.and_then(|id| id.parse().ok()),
                url: review.url,
                body: review.body,
                is_minimized: review.is_minimized,
            })
            .collect())
    }

    /// Threads of remarks that we began, oldest first.
    pub async fn own_threads(
        &self,
        at: &RepoRef,
        pull: u64,
    ) -> Result<Vec<OwnThread>, GitHubError> {
        let found: Vec<ThreadJson> = self.all(at, pull, THREADS).await?;
        Ok(found.into_iter().filter_map(ThreadJson::ours).collect())
    }

    /// Hides a review of ours as outdated, after it was given this text.
    pub async fn outdate_review(
        &self,
        at: &RepoRef,
        pull: u64,
        review: &OwnReview,
        body: &Redacted<String>,
    ) -> Result<(), GitHubError> {
        if let Some(number) = review.number {
            let path = format!("/repos/{}/pulls/{pull}/reviews/{number}", at.repo);
            let body = json!({ "body": **body });
            let _: IgnoredAny = self.write(at, Method::PUT, &path, &body).await?;
        }
        let _: IgnoredAny = self
            .mutate(at, Scope::Report, MINIMIZE, &json!({ "id": review.id }))
            .await?;
        Ok(())
    }

    /// Resolves a thread.
    pub async fn resolve(&self, at: &RepoRef, thread: &OwnThread) -> Result<(), GitHubError> {
        let _: IgnoredAny = self
            .mutate(at, Scope::Resolve, RESOLVE, &json!({ "id": thread.id }))
            .await?;
        Ok(())
    }

    /// All pages of a list, at most [`limits::GITHUB_PAGES`].
    async fn all<T: serde::de::DeserializeOwned>(
        &self,
        at: &RepoRef,
        pull: u64,
        query: &str,
    ) -> Result<Vec<T>, GitHubError> {
        let mut all = Vec::new();
        let mut after = Value::Null;
        for _ in 0..limits::GITHUB_PAGES {
            let variables = json!({
                "owner": at.repo.owner(),
                "name": at.repo.name(),
                "number": pull,
                "after": after,
            });
            let found: Found<T> = self.query(at, query, &variables).await?;
            let page = found.repository.and_then(|found| found.pull_request);
            let Some(PullJson { found: page }) = page else {
                break;
            };
            all.extend(page.nodes.into_iter().flatten());
            match page.page_info.end_cursor {
                Some(cursor) if page.page_info.has_next_page => after = Value::from(cursor),
                _ => break,
            }
        }
        Ok(all)
    }
}
