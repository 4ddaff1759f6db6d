//! Reviews: what shows in the conversation and at the lines of the diff. Always a comment; an App that writes commits
//! to a pull request must not approve it.

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::limits;
use crate::domain::name::Sha;
use crate::domain::post::{LineComment, Review};

use super::app::GitHub;
use super::broker::Scope;
use super::comments::marked;
use super::error::GitHubError;
use super::redacted::Redacted;
use crate::domain::place::RepoRef;
use crate::text::clip::shorten;
use crate::text::markdown;

#[derive(Deserialize)]
struct ReviewBody {
    id: u64,
    user: Option<ReviewUser>,
    body: Option<String>,
}

#[derive(Deserialize)]
struct ReviewUser {
    login: String,
}

impl GitHub {
    /// Sees to it that the pull request has a review of ours with this marker (an HTML comment, which is put at the end
    /// of the body if it is not in there), pinned to `commit`; returns its id. One that is there stays as it is.
    ///
    /// One remark at a line that is not in the diff makes GitHub refuse the whole review. Then all remarks are put into
    /// the body and it is sent once more: a report in a plain form is better than none.
    pub async fn ensure_review(
        &self,
        at: &RepoRef,
        pull: u64,
        commit: &Sha,
        marker: &str,
        review: &Redacted<Review>,
    ) -> Result<u64, GitHubError> {
        if let Some(id) = self.find_review(at, pull, marker).await? {
            return Ok(id);
        }
        let (inline, over) = review
            .comments
            .split_at(review.comments.len().min(limits::REVIEW_COMMENTS));
        let body = marked(&with_remarks(&review.body, over), marker);
        match self.create_review(at, pull, commit, &body, inline).await {
            Err(GitHubError::Refused { status: 422, .. }) if !inline.is_empty() => {
                let body = marked(&with_remarks(&review.body, &review.comments), marker);
                self.create_review(at, pull, commit, &body, &[]).await
            }
            made => made,
        }
    }

    async fn find_review(
        &self,
        at: &RepoRef,
        pull: u64,
        marker: &str,
    ) -> Result<Option<u64>, GitHubError> {
        let us = self.bot_login().await?;
        let path = format!("/repos/{}/pulls/{pull}/reviews?page=1", at.repo);
        let pages: Vec<Vec<ReviewBody>> = self.pages(at, Scope::Report, &path).await?;
        Ok(pages
            .into_iter()
            .flatten()
            .find(|review| {
                review.user.as_ref().is_some_and(|user| user.login == us)
                    && review.body.as_ref().is_some_and(|b| b.contains(marker))
            })
            .map(|review| review.id))
    }

    async fn create_review(
        &self,
        at: &RepoRef,
        pull: u64,
        commit: &Sha,
        body: &str,
        comments: &[LineComment],
    ) -> Result<u64, GitHubError> {
        let path = format!("/repos/{}/pulls/{pull}/reviews", at.repo);
        let mut request = json!({
            "commit_id": commit,
            "event": "COMMENT",
            "body": body,
        });
        if !comments.is_empty() {
            request["comments"] = comments.iter().map(line_comment).collect();
        }
        let made: ReviewBody = self.write(at, Method::POST, &path, &request).await?;
        Ok(made.id)
    }
}

fn line_comment(comment: &LineComment) -> Value {
    json!({
        "path": comment.path,
        "line": comment.line,
        "side": "RIGHT",
        "body": shorten(&comment.body, limits::COMMENT_CHARS),
    })
}

/// The body with remarks that cannot stand at their lines. Those for which there is no room are counted, not cut.
fn with_remarks(body: &str, remarks: &[LineComment]) -> String {
    let mut text = body.to_owned();
    // Room for the marker and for the sentence about the rest.
    let room = limits::COMMENT_CHARS.saturating_sub(500);
    let mut used = text.chars().count();
    for (index, remark) in remarks.iter().enumerate() {
        let path = markdown::code(&remark.path);
        let entry = format!("\n\n{path}, line {}:\n\n{}", remark.line, remark.body);
        used += entry.chars().count();
        if used > room {
            text += &format!("\n\n{} more remarks are left out.", remarks.len() - index);
            break;
        }
        text += &entry;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remark(path: &str, body: String) -> LineComment {
        let path = path.into();
        LineComment {
            path,
            line: 3,
            body,
        }
    }

    #[test]
    fn remarks_move_into_the_body() {
        assert_eq!(
            with_remarks("Report.", &[remark("a`b.ts", "Why?".into())]),
            "Report.\n\n``a`b.ts``, line 3:\n\nWhy?"
        );
        assert_eq!(with_remarks("Report.", &[]), "Report.");
    }

    #[test]
    fn remarks_that_have_no_room_are_counted() {
        let remarks = vec![remark("a.ts", "x".repeat(25_000)); 4];
        let text = with_remarks("Report.", &remarks);
        assert!(text.chars().count() < limits::COMMENT_CHARS);
        assert!(text.ends_with("\n\n2 more remarks are left out."));
    }
}
