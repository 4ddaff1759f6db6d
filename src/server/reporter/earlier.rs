//! What earlier reviews of ours said: the newest is the current one, and the others are put out of its way.

use crate::domain::limits;
use crate::domain::post::{OwnReview, OwnThread, Review};
use crate::edge::github::{Again, GitHubError, Redacted};
use crate::report::review;
use crate::rules::outdated::sort;
use crate::run::fault::Fault;

use super::surface::Post;

/// How reviews begin whose marker says that they are of a commit.
const MARKED: &str = "<!-- countersign:review:";

/// The review without what stands at its line already, and the threads that are gone.
pub(super) async fn compared(
    post: &Post<'_>,
    new: Review,
) -> Result<(Redacted<Review>, Vec<OwnThread>), Fault> {
    let threads = post.github.own_threads(&post.place, post.pull.number).await;
    let threads = threads.map_err(|e| Fault::github("look up our remarks", e))?;
    // What was posted is compared with what would be.
    let clean = post.github.redacted(new);
    let sorted = sort(threads, clean.comments.clone());
    let review = review::with_standing(Review::clone(&clean), sorted.new, sorted.standing);
    Ok((post.github.redacted(review), sorted.gone))
}

/// Hides the reviews before the one with this id, which then say where it is, and resolves those threads. What GitHub does
/// not let us do keeps no report back.
pub(super) async fn put_away(
    post: &Post<'_>,
    current: u64,
    gone: &[OwnThread],
) -> Result<(), Fault> {
    hide_before(post, current).await?;
    for thread in gone.iter().take(limits::THREADS_RESOLVED) {
        let resolved = post.github.resolve(&post.place, thread).await;
        let_be("resolve a thread", resolved)?;
    }
    Ok(())
}

async fn hide_before(post: &Post<'_>, current: u64) -> Result<(), Fault> {
    let (at, pull) = (&post.place, post.pull.number);
    let reviews = post.github.own_reviews(at, pull).await;
    let reviews = reviews.map_err(|e| Fault::github("look up our reviews", e))?;
    // GitHub may not list yet what it has just made. Then there is no way to point to, and the next review hides these too.
    let Some(page) = reviews.iter().find(|one| one.number == Some(current)) else {
        return Ok(());
    };
    for earlier in reviews.iter().filter(|one| is_earlier(one, current)) {
        let body = review::outdated(&earlier.body, &page.url);
        let body = post.github.redacted(body);
        let hidden = post.github.outdate_review(at, pull, earlier, &body).await;
        let_be("hide an earlier review", hidden)?;
    }
    Ok(())
}

fn is_earlier(review: &OwnReview, current: u64) -> bool {
    !review.is_minimized
        && review.body.contains(MARKED)
        && review.number.is_some_and(|number| number < current)
}

fn let_be(what: &str, done: Result<(), GitHubError>) -> Result<(), Fault> {
    match done {
        Err(error) if error.again() == Again::Never => {
            tracing::warn!(%error, what, "it is left as it is");
            Ok(())
        }
        done => done.map_err(|e| Fault::github(what, e)),
    }
}
