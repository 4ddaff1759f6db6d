//! Review comments: what people say at lines of a pull request's diff.

use serde::Deserialize;

use crate::domain::place::RepoRef;
use crate::domain::review_comment::{Anchor, ReviewComment};
use crate::domain::webhook_event::{Actor, ActorKind};

use super::app::GitHub;
use super::broker::Scope;
use super::error::GitHubError;

#[derive(Deserialize)]
struct CommentJson {
    id: u64,
    user: Option<UserJson>,
    path: String,
    #[serde(default)]
    diff_hunk: String,
    body: Option<String>,
    /// Absent or null when the lines have changed since, and for a comment on the whole file.
    line: Option<u32>,
    start_line: Option<u32>,
    side: Option<String>,
    subject_type: Option<String>,
}

#[derive(Deserialize)]
struct UserJson {
    login: String,
    id: u64,
    #[serde(default, rename = "type")]
    kind: String,
}

impl GitHub {
    /// The review comments of a pull request, newest first; of very many the newest, at most a hundred times
    /// [`crate::domain::limits::GITHUB_PAGES`]. Drafts of reviews are not among them.
    pub async fn review_comments(
        &self,
        at: &RepoRef,
        pull: u64,
    ) -> Result<Vec<ReviewComment>, GitHubError> {
        let path = format!(
            "/repos/{}/pulls/{pull}/comments?sort=created&direction=desc",
            at.repo
        );
        let (pages, _): (Vec<Vec<CommentJson>>, _) =
            self.first_pages(at, Scope::Look, &path).await?;
        let comments = pages.into_iter().flatten();
        Ok(comments.map(ReviewComment::from).collect())
    }
}

impl From<CommentJson> for ReviewComment {
    fn from(wire: CommentJson) -> Self {
        Self {
            id: wire.id,
            anchor: anchor(&wire),
            author: wire.user.map(|user| Actor {
                login: user.login,
                id: user.id,
                kind: match user.kind.as_str() {
                    "User" => ActorKind::Person,
                    _ => ActorKind::Bot,
                },
            }),
            path: wire.path,
            hunk: wire.diff_hunk,
            body: wire.body.unwrap_or_default(),
        }
    }
}

fn anchor(wire: &CommentJson) -> Anchor {
    match (
        wire.line,
        wire.side.as_deref(),
        wire.subject_type.as_deref(),
    ) {
        (None, _, Some("file")) => Anchor::File,
        (None, ..) => Anchor::Outdated,
        (Some(_), Some("LEFT"), _) => Anchor::Removed,
        (Some(last), ..) => Anchor::Lines {
            // A span may begin on the old side, where lines count otherwise.
            first: wire
                .start_line
                .filter(|first| *first <= last)
                .unwrap_or(last),
            last,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(more: Value) -> ReviewComment {
        let mut wire = json!({ "id": 7, "path": "a.ts", "body": "Why?", "user": { "login": "ada", "id": 1, "type": "User" } });
        for (key, value) in more.as_object().expect("an object") {
            wire[key] = value.clone();
        }
        serde_json::from_value::<CommentJson>(wire)
            .expect("a comment")
            .into()
    }

    #[test]
    fn a_comment_stands_where_github_says() {
        for (wire, anchor) in [
            (
                json!({ "line": 4, "side": "RIGHT", "start_line": null }),
                Anchor::Lines { first: 4, last: 4 },
            ),
            (
                json!({ "line": 4, "start_line": 2 }),
                Anchor::Lines { first: 2, last: 4 },
            ),
            (
                json!({ "line": 4, "start_line": 9, "start_side": "LEFT" }),
                Anchor::Lines { first: 4, last: 4 },
            ),
            (json!({ "line": 4, "side": "LEFT" }), Anchor::Removed),
            (
                json!({ "line": null, "original_line": 4, "subject_type": "line" }),
                Anchor::Outdated,
            ),
            (json!({}), Anchor::Outdated),
            (json!({ "subject_type": "file" }), Anchor::File),
        ] {
            assert_eq!(read(wire.clone()).anchor, anchor, "{wire}");
        }
    }

    #[test]
    fn only_who_github_calls_a_user_is_a_person() {
        let user = |user: Value| {
            read(json!({ "user": user }))
                .author
                .map(|author| author.kind)
        };
        assert_eq!(user(Value::Null), None);
        for (kind, expected) in [
            ("User", ActorKind::Person),
            ("Bot", ActorKind::Bot),
            ("Mannequin", ActorKind::Bot),
        ] {
            assert_eq!(
                user(json!({ "login": "x", "id": 1, "type": kind })),
                Some(expected)
            );
        }
        assert_eq!(user(json!({ "login": "x", "id": 1 })), Some(ActorKind::Bot));
    }
}
