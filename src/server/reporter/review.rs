//! The review, with remarks at the lines of the diff.

use async_trait::async_trait;

use super::earlier;
use super::surface::{Post, Surface};
use crate::domain::event::Settlement;
use crate::domain::post::Review;
use crate::report::patch::with_patch;
use crate::report::review;
use crate::run::blocking::blocking;
use crate::run::blocking::in_place;
use crate::run::fault::Fault;
use crate::run::fetch;

/// One per commit that people will look at: the one that was made, or else the head. The newest is the one in sight. A retry
/// that changes nothing in the branch is told by the check run and the sticky comment.
pub struct FinalReview;

#[async_trait]
impl Surface for FinalReview {
    async fn tell(&self, post: &Post<'_>) -> Result<(), Fault> {
        if post.view.ending.is_none() {
            return Ok(());
        }
        let commit = post.view.pushed().unwrap_or(&post.pull.head).clone();
        let subject = &post.subject;
        let surface = format!("review:{commit}");
        if post.before(subject, &surface).await?.is_some() {
            return Ok(());
        }
        let anchors = match &post.view.merge_base {
            None => Default::default(),
            Some(base) => {
                let mirror =
                    fetch::mirror(post.github, &post.app.deps.mirrors, &post.pull.repo).await?;
                let (base, commit) = (base.clone(), commit.clone());
                // Without the commit here (another machine made it) remarks go into the body.
                blocking(move || mirror.anchors(&base, &commit))
                    .await?
                    .unwrap_or_default()
            }
        };
        let rendered = in_place(|| review::render(post.view, &anchors, &post.links));
        let Some(review) = rendered else {
            return Ok(());
        };
        let review = with_commit(post, review).await?;
        let (review, gone) = earlier::compared(post, review).await?;
        let marker = format!("<!-- countersign:{surface} -->");
        let id = post
            .github
            .ensure_review(&post.place, post.pull.number, &commit, &marker, &review)
            .await
            .map_err(|e| Fault::github("post the review", e))?;
        earlier::put_away(post, id, &gone).await?;
        post.posted(subject, &surface, id, review.body.as_bytes())
            .await
    }
}

/// The review with the commit that could not be pushed, because its branch is in a fork.
async fn with_commit(post: &Post<'_>, review: Review) -> Result<Review, Fault> {
    let Some(Settlement::Fork { patch, .. }) = &post.view.settlement else {
        return Ok(review);
    };
    let (blobs, patch) = (
        post.app.deps.machine.dossiers.blobs().clone(),
        patch.clone(),
    );
    let text = blocking(move || blobs.get(&patch)).await?;
    let text = text.map_err(|e| Fault::evidence("read the patch", e))?;
    Ok(with_patch(review, &String::from_utf8_lossy(&text)))
}
