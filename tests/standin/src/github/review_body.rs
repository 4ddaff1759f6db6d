//! Inline comments as they are asked for, and whether their place is in the diff.

use serde::Deserialize;

use super::answer::Refusal;
use super::comments::checked_body;
use super::diff::{FileDiff, Side};
use super::pulls::Pull;
use super::reviews::ReviewComment;
use super::world::Repo;
use crate::names::Sha;

/// An inline comment as it is asked for.
#[derive(Deserialize)]
pub(super) struct Draft {
    pub commit_id: Option<String>,
    pub body: Option<String>,
    pub path: Option<String>,
    pub position: Option<u64>,
    pub line: Option<u32>,
    pub side: Option<Side>,
    pub start_line: Option<u32>,
    pub start_side: Option<Side>,
    pub subject_type: Option<String>,
    pub in_reply_to: Option<u64>,
}

/// The commit that was looked at: one of the pull request's, its newest when none is named.
pub(super) fn commit_of(repo: &Repo, pull: &Pull, asked: Option<&str>) -> Result<Sha, Refusal> {
    let Some(asked) = asked else {
        return Ok(pull.head.clone());
    };
    let not_part = || {
        Refusal::field(
            "PullRequestReview",
            "commit_id",
            "custom",
            Some("commit_id is not part of the pull request"),
        )
    };
    let sha: Sha = asked.parse().map_err(|_| not_part())?;
    if sha == pull.head || repo.commits_between(&pull.base, &pull.head)?.contains(&sha) {
        Ok(sha)
    } else {
        Err(not_part())
    }
}

/// The inline comment, if its place is in the diff.
pub(super) fn drafted_comment(
    files: &[FileDiff],
    pull: u64,
    author: &str,
    commit: &Sha,
    draft: Draft,
) -> Result<ReviewComment, Refusal> {
    let body = checked_body("PullRequestReviewComment", draft.body)?;
    if draft.position.is_some() {
        return Err(Refusal::unprocessable(
            "The stand-in wants `line` and `side`; `position` is closing down since 2022",
        ));
    }
    let path = draft
        .path
        .ok_or_else(|| Refusal::invalid("\"path\" wasn't supplied."))?;
    let file = files
        .iter()
        .find(|file| file.path == path)
        .ok_or_else(|| Refusal::unprocessable("Path could not be resolved"))?;
    let mut comment = ReviewComment {
        id: 0,
        pull,
        review: 0,
        author: author.to_owned(),
        body,
        path,
        commit: commit.clone(),
        line: None,
        start: None,
        reactions: Vec::new(),
        is_resolved: false,
        in_reply_to: None,
        position: None,
        hunk: String::new(),
        created_ms: 0,
        updated_ms: 0,
    };
    if draft.subject_type.as_deref() == Some("file") {
        return Ok(comment);
    }
    let line = draft.line.ok_or_else(|| {
        Refusal::unprocessable("Pull request review thread line must be part of the diff")
    })?;
    let side = draft.side.unwrap_or(Side::Right);
    let start = draft
        .start_line
        .map(|start| (draft.start_side.unwrap_or(side), start));
    if start.is_some_and(|(start_side, start)| start_side == side && start >= line) {
        return Err(Refusal::unprocessable(
            "Pull request review thread start line must precede the end line.",
        ));
    }
    let anchor = file
        .anchor((side, line), start)
        .map_err(|sentence| Refusal::unprocessable(&sentence))?;
    comment.line = Some((side, line));
    comment.start = start;
    comment.position = Some(anchor.position);
    comment.hunk = anchor.hunk_text;
    Ok(comment)
}
