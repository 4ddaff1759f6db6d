//! The reporter: brings what GitHub shows in line with what a run's log says. It only reads the log; what it posted
//! where is remembered, and looked for on GitHub before anything is made a second time.

use crate::app::App;
use crate::domain::name::{Digest, RunId, Sha};
use crate::domain::place::RepoRef;
use crate::domain::pull::{Origin, PullRequest};
use crate::domain::view::View;
use crate::edge::github::GitHub;
use crate::edge::store::Posted;
use crate::report::summary::Links;
use crate::report::{check_run, page_link, review, summary};
use crate::run::blocking::blocking;
use crate::run::fault::Fault;
use crate::run::fetch;

use super::shown;

/// Posts what changed since the last time.
#[tracing::instrument(skip_all, fields(%run))]
pub async fn report(app: &App, run: &RunId) -> Result<(), Fault> {
    let Some(github) = &app.deps.github else {
        return Ok(());
    };
    let events = app
        .deps
        .store
        .events(run, 0)
        .await
        .map_err(|e| Fault::passing("read the run's log", e))?;
    let view = shown::view(Some(github), events).map_err(Fault::bug)?;
    let Some(Origin::PullRequest { installation, pull }) =
        view.request.as_ref().map(|request| &request.origin)
    else {
        return Ok(());
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
    let (checks, sticky, review) = (
        post.check_runs().await,
        post.sticky_comment().await,
        post.review().await,
    );
    let mut faults: Vec<Fault> = [checks, sticky, review]
        .into_iter()
        .filter_map(Result::err)
        .collect();
    // What can be mended by trying again is not kept back by what cannot.
    faults.sort_by_key(|fault| matches!(fault, Fault::Lasting(_)));
    faults.into_iter().next().map_or(Ok(()), Err)
}

fn links(app: &App, run: &RunId) -> Links {
    let page = app
        .public
        .as_ref()
        .map(|public| page_link::page_url(&public.url, &public.key, run));
    Links { page }
}

/// What is to be done about one surface.
enum Due {
    /// GitHub shows it already.
    Nothing,
    /// It is posted.
    Post {
        /// GitHub's id of what was posted before, when it is known.
        known: Option<u64>,
    },
}

/// One run's posts.
struct Post<'a> {
    app: &'a App,
    github: &'a GitHub,
    /// What the sticky comment and the review are remembered under.
    subject: String,
    place: RepoRef,
    pull: &'a PullRequest,
    run: &'a RunId,
    view: &'a View,
    links: Links,
}

impl Post<'_> {
    /// On the head that the run was for, and on the commit that it made: a required check is asked of every head.
    async fn check_runs(&self) -> Result<(), Fault> {
        let check = check_run::render(self.view, &self.links);
        let check = self.github.redacted(check);
        let text = serde_json::to_vec(&*check).map_err(Fault::bug)?;
        let heads: Vec<&Sha> = match self.view.pushed() {
            Some(pushed) if self.view.ending.is_some() => vec![&self.pull.head, pushed],
            _ => vec![&self.pull.head],
        };
        for head in heads {
            let what = format!("check:{head}");
            let Due::Post { known } = self.due(self.run.as_str(), &what, &text).await? else {
                continue;
            };
            let id = self
                .github
                .ensure_check(&self.place, head, check_run::NAME, &check, known)
                .await
                .map_err(|e| Fault::github("post the check run", e))?;
            self.posted(self.run.as_str(), &what, id, &text).await?;
        }
        Ok(())
    }

    /// One for the pull request; it speaks of the newest run only.
    async fn sticky_comment(&self) -> Result<(), Fault> {
        let subject = &self.subject;
        let runs = self
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
        if newest.is_some_and(|newest| newest != self.run) {
            return Ok(());
        }
        // A pull request that has nothing to do with specs gets a check run and is not talked to, unless an earlier
        // comment has to be put right.
        let before = self.before(subject, "sticky").await?;
        let quiet = self.view.rows.is_empty() && self.view.problems.is_empty();
        let pointless = matches!(
            self.view.ending,
            None | Some(
                crate::domain::ending::Ending::NothingToDo
                    | crate::domain::ending::Ending::Superseded { .. }
            )
        );
        if before.is_none() && quiet && pointless {
            return Ok(());
        }
        // Progress is told by the check run alone; this comment is written at the beginning and at the end.
        let begun = self.before(self.run.as_str(), "sticky").await?;
        if self.view.ending.is_none() && begun.is_some() {
            return Ok(());
        }
        let body = summary::render(self.view, &self.links);
        let body = self.github.redacted(body);
        let Due::Post { known } = self.due(subject, "sticky", body.as_bytes()).await? else {
            return Ok(());
        };
        let id = self
            .github
            .ensure_sticky(
                &self.place,
                self.pull.number,
                "<!-- countersign:summary -->",
                &body,
                known,
            )
            .await
            .map_err(|e| Fault::github("post the summary", e))?;
        self.posted(self.run.as_str(), "sticky", id, body.as_bytes())
            .await?;
        self.posted(subject, "sticky", id, body.as_bytes()).await
    }

    /// One per commit that people will look at: the one that was made, or else the head. A retry that changes nothing in
    /// the branch is told by the check run and the sticky comment.
    async fn review(&self) -> Result<(), Fault> {
        if self.view.ending.is_none() {
            return Ok(());
        }
        let commit = self.view.pushed().unwrap_or(&self.pull.head).clone();
        let subject = &self.subject;
        let surface = format!("review:{commit}");
        if self.before(subject, &surface).await?.is_some() {
            return Ok(());
        }
        let anchors = match &self.view.merge_base {
            None => Default::default(),
            Some(base) => {
                let mirror =
                    fetch::mirror(self.github, &self.app.deps.mirrors, &self.pull.repo).await?;
                let (base, commit) = (base.clone(), commit.clone());
                // Without the commit here (another machine made it) remarks go into the body.
                blocking(move || mirror.anchors(&base, &commit))
                    .await?
                    .unwrap_or_default()
            }
        };
        let Some(review) = review::render(self.view, &anchors, &self.links) else {
            return Ok(());
        };
        let review = self.github.redacted(review);
        let marker = format!("<!-- countersign:{surface} -->");
        let id = self
            .github
            .ensure_review(&self.place, self.pull.number, &commit, &marker, &review)
            .await
            .map_err(|e| Fault::github("post the review", e))?;
        self.posted(subject, &surface, id, review.body.as_bytes())
            .await
    }

    async fn before(&self, subject: &str, surface: &str) -> Result<Option<Posted>, Fault> {
        let posted = self.app.deps.store.posted(subject, surface).await;
        posted.map_err(|e| Fault::passing("read what was posted", e))
    }

    /// What has to be done so that GitHub shows `text`.
    async fn due(&self, subject: &str, surface: &str, text: &[u8]) -> Result<Due, Fault> {
        Ok(match self.before(subject, surface).await? {
            Some(before) if before.digest == Digest::of(text).as_str() => Due::Nothing,
            Some(before) => Due::Post {
                known: before.remote_id.parse().ok(),
            },
            None => Due::Post { known: None },
        })
    }

    async fn posted(
        &self,
        subject: &str,
        surface: &str,
        id: u64,
        text: &[u8],
    ) -> Result<(), Fault> {
        let posted = Posted {
            remote_id: id.to_string(),
            digest: Digest::of(text).to_string(),
        };
        self.app
            .deps
            .store
            .set_posted(subject, surface, &posted)
            .await
            .map_err(|e| Fault::passing("write down what was posted", e))
    }
}
