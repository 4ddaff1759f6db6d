//! The comment that is written once and kept up to date.

use async_trait::async_trait;

use super::surface::{Due, Post, Surface};
use crate::domain::ending::Ending;
use crate::report::summary;
use crate::run::blocking::in_place;
use crate::run::fault::Fault;

/// One for the pull request; it speaks of the newest run only.
pub struct StickyComment;

#[async_trait]
impl Surface for StickyComment {
    async fn tell(&self, post: &Post<'_>) -> Result<(), Fault> {
        let subject = &post.subject;
        let runs = post
            .app
            .deps
            .store
            .runs_of(subject)
            .await
            .map_err(|e| Fault::passing("read the runs", e))?;
        let newest = runs
            .iter()
            .max_by_key(|row| row.requested_ms)
            .map(|row| &row.run);
        if newest.is_some_and(|newest| newest != post.run) {
            return Ok(());
        }
        // A pull request that has nothing to do with specs gets a check run and is not talked to, unless an earlier
        // comment has to be put right.
        let before = post.before(subject, "sticky").await?;
        let quiet = post.view.rows.is_empty() && post.view.problems.is_empty();
        let pointless = matches!(
            post.view.ending,
            None | Some(Ending::NothingToDo | Ending::Superseded { .. })
        );
        if before.is_none() && quiet && pointless {
            return Ok(());
        }
        // Progress is told by the check run alone; this comment is written at the beginning and at the end.
        let begun = post.before(post.run.as_str(), "sticky").await?;
        if post.view.ending.is_none() && begun.is_some() {
            return Ok(());
        }
        let body = in_place(|| summary::render(post.view, &post.links));
        let body = post.github.redacted(body);
        let Due::Post { known } = post.due(subject, "sticky", body.as_bytes()).await? else {
            return Ok(());
        };
        let id = post
            .github
            .ensure_sticky(
                &post.place,
                post.pull.number,
                "<!-- countersign:summary -->",
                &body,
                known,
            )
            .await
            .map_err(|e| Fault::github("post the summary", e))?;
        post.posted(post.run.as_str(), "sticky", id, body.as_bytes())
            .await?;
        post.posted(subject, "sticky", id, body.as_bytes()).await
    }
}
