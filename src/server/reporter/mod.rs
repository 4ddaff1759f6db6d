//! The reporter: brings what GitHub shows in line with what a run's log says. It only reads the log; what it posted
//! where is remembered, and looked for on GitHub before anything is made a second time.

mod check_runs;
mod earlier;
mod review;
mod sticky_comment;
mod surface;

use crate::app::App;
use crate::domain::ending::{CancelReason, Ending};
use crate::domain::name::RunId;
use crate::domain::pull::Origin;
use crate::report::page_link;
use crate::report::summary::Links;
use crate::run::blocking::in_place;
use crate::run::fault::Fault;

use self::surface::{Post, Surface};
use super::shown;

/// All surfaces, in the order in which they are brought up to date.
const SURFACES: &[&dyn Surface] = &[
    &check_runs::CheckRuns,
    &sticky_comment::StickyComment,
    &review::FinalReview,
];

/// Posts what changed since the last time. Returns the number of the newest event that it speaks of.
#[tracing::instrument(skip_all, fields(%run))]
pub async fn report(app: &App, run: &RunId) -> Result<i64, Fault> {
    let github = app.deps.github()?;
    let events = app
        .deps
        .store
        .events(run, 0)
        .await
        .map_err(|e| Fault::passing("read the run's log", e))?;
    let view = in_place(|| shown::view(Some(github), events)).map_err(Fault::bug)?;
    // Nobody lets us in any more, and nothing of the repository is to be fetched again.
    if let Some(Ending::Cancelled {
        reason: CancelReason::Uninstalled | CancelReason::RepositoryRemoved,
    }) = &view.ending
    {
        return Ok(view.latest_seq);
    }
    let Some(Origin::PullRequest { installation, pull }) =
        view.request.as_ref().map(|request| &request.origin)
    else {
        return Ok(view.latest_seq);
    };
    let reference = pull.reference(*installation);
    let post = Post {
        app,
        github,
        subject: reference.place(),
        place: reference.at,
        pull,
        run,
        view: &view,
        links: links(app, run),
    };
    // Each for itself: one that GitHub refuses keeps no other back.
    let mut faults = Vec::new();
    for surface in SURFACES {
        faults.extend(surface.tell(&post).await.err());
    }
    // What can be mended by trying again is not kept back by what cannot.
    faults.sort_by_key(|fault| matches!(fault, Fault::Lasting(_)));
    faults.into_iter().next().map_or(Ok(view.latest_seq), Err)
}

fn links(app: &App, run: &RunId) -> Links {
    let page = app
        .public
        .as_ref()
        .map(|public| page_link::page_url(&public.url, &public.key, run));
    Links { page }
}
