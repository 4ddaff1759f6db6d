//! Comments below a pull request: the one that stays and is kept up to date, replies, and reactions.

use axum::http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use crate::domain::comment::CommentAt;
use crate::domain::limits;
use crate::domain::post::Reaction;

use super::app::GitHub;
use super::broker::Scope;
use super::error::GitHubError;
use super::redacted::Redacted;
use crate::domain::place::RepoRef;
use crate::text::clip::shorten;

/// A comment as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: u64,
    /// Its author's login; empty when the account is gone.
    pub author: String,
    /// Markdown. Untrusted text, unless the author is our own bot.
    pub body: String,
}

#[derive(Deserialize)]
struct CommentJson {
    id: u64,
    user: Option<CommentUser>,
    body: Option<String>,
}

#[derive(Deserialize)]
struct CommentUser {
    login: String,
}

impl From<CommentJson> for Comment {
    fn from(wire: CommentJson) -> Self {
        Self {
            id: wire.id,
            author: wire.user.map(|user| user.login).unwrap_or_default(),
            body: wire.body.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
struct MadeComment {
    id: u64,
}

impl GitHub {
    /// All comments of a pull request, oldest first. Remarks at lines of its diff are not among them.
    pub async fn comments(&self, at: &RepoRef, pull: u64) -> Result<Vec<Comment>, GitHubError> {
        let path = format!("/repos/{}/issues/{pull}/comments", at.repo);
        let pages: Vec<Vec<CommentJson>> = self.pages(at, Scope::Report, &path).await?;
        Ok(pages.into_iter().flatten().map(Comment::from).collect())
    }

    async fn write_comment(&self, at: &RepoRef, pull: u64, body: &str) -> Result<u64, GitHubError> {
        let path = format!("/repos/{}/issues/{pull}/comments", at.repo);
        let body = json!({ "body": bounded(body) });
        let made: MadeComment = self.write(at, Method::POST, &path, &body).await?;
        Ok(made.id)
    }

    /// Changes a comment of ours.
    async fn update_comment(
        &self,
        at: &RepoRef,
        comment: u64,
        body: &str,
    ) -> Result<(), GitHubError> {
        let path = format!("/repos/{}/issues/comments/{comment}", at.repo);
        let body = json!({ "body": bounded(body) });
        let _: MadeComment = self.write(at, Method::PATCH, &path, &body).await?;
        Ok(())
    }

    /// Reacts to what somebody said, wherever. Done twice, it is there once.
    pub async fn react_to(
        &self,
        at: &RepoRef,
        comment: &CommentAt,
        reaction: Reaction,
    ) -> Result<(), GitHubError> {
        match comment {
            CommentAt::Conversation { id } => self.react(at, *id, reaction).await,
            CommentAt::Line { id, .. } => {
                let path = format!("/repos/{}/pulls/comments/{id}/reactions", at.repo);
                let body = json!({ "content": reaction });
                let _: IgnoredAny = self.write(at, Method::POST, &path, &body).await?;
                Ok(())
            }
            CommentAt::Review { node, .. } => self.react_to_review(at, node, reaction).await,
        }
    }

    /// Reacts to a comment in the conversation. Done twice, it is there once.
    pub async fn react(
        &self,
        at: &RepoRef,
        comment: u64,
        reaction: Reaction,
    ) -> Result<(), GitHubError> {
        let path = format!("/repos/{}/issues/comments/{comment}/reactions", at.repo);
        let body = json!({ "content": reaction });
        let _: IgnoredAny = self.write(at, Method::POST, &path, &body).await?;
        Ok(())
    }

    /// Sees to it that the pull request has exactly one comment of ours with this marker (an HTML comment, which is put
    /// at the end of `body` if it is not in there) and that it says `body`; returns its id. `known` is the id from
    /// before: it spares the search, and when that comment was deleted, one is written anew.
    ///
    /// A comment with our marker that somebody else wrote is not ours.
    pub async fn ensure_sticky(
        &self,
        at: &RepoRef,
        pull: u64,
        marker: &str,
        body: &Redacted<String>,
        known: Option<u64>,
    ) -> Result<u64, GitHubError> {
        let body = marked(body, marker);
        if let Some(id) = known {
            match self.update_comment(at, id, &body).await {
                Err(error) if matches!(error.status(), Some(404 | 410)) => {}
                updated => return updated.map(|()| id),
            }
        }
        let us = self.bot_login().await?;
        let comments = self.comments(at, pull).await?;
        match comments
            .into_iter()
            .find(|comment| comment.author == us && comment.body.contains(marker))
        {
            Some(found) if same(&found.body, &body) => Ok(found.id),
            Some(found) => self
                .update_comment(at, found.id, &body)
                .await
                .map(|()| found.id),
            None => self.write_comment(at, pull, &body).await,
        }
    }
}

/// The text with the marker in it, whole whatever the text's length.
pub(super) fn marked(body: &str, marker: &str) -> String {
    if body.contains(marker) && body.chars().count() <= limits::COMMENT_CHARS {
        return body.to_owned();
    }
    let room = limits::COMMENT_CHARS.saturating_sub(marker.chars().count() + 2);
    format!("{}\n\n{marker}", shorten(body, room))
}

/// The last resort: a report is cut by whoever wrote it, at a better place.
fn bounded(body: &str) -> String {
    shorten(body, limits::COMMENT_CHARS)
}

/// GitHub gives line ends back as it likes.
fn same(one: &str, other: &str) -> bool {
    one.trim_end().lines().eq(other.trim_end().lines())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_survives_any_length() {
        let marker = "<!-- countersign:sticky -->";
        assert_eq!(marked("a", marker), format!("a\n\n{marker}"));
        assert_eq!(marked(marker, marker), marker);
        for body in [
            "ä".repeat(100_000),
            format!("{}{marker}", "a".repeat(70_000)),
        ] {
            let body = marked(&body, marker);
            assert!(body.ends_with(marker));
            assert_eq!(body.chars().count(), limits::COMMENT_CHARS);
        }
    }

    #[test]
    fn line_ends_make_no_difference() {
        assert!(same("a\r\nb\r\n", "a\nb"));
        assert!(!same("a\nb", "a\n\nb"));
    }
}
