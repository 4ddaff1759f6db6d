//! What surfaces have in common: one run's posts, and what was posted before.

use async_trait::async_trait;

use crate::app::App;
use crate::domain::name::{Digest, RunId};
use crate::domain::place::RepoRef;
use crate::domain::pull::PullRequest;
use crate::domain::view::View;
use crate::edge::github::GitHub;
use crate::edge::store::Posted;
use crate::report::summary::Links;
use crate::run::fault::Fault;

/// A place on GitHub where a run is told.
#[async_trait]
pub trait Surface: Send + Sync {
    /// Brings it in line with the log. Called after every change of the log, and again after a fault.
    async fn tell(&self, post: &Post<'_>) -> Result<(), Fault>;
}

/// What is to be done about one surface.
pub enum Due {
    /// GitHub shows it already.
    Nothing,
    /// It is posted.
    Post {
        /// GitHub's id of what was posted before, when it is known.
        known: Option<u64>,
    },
}

/// One run's posts.
pub struct Post<'a> {
    /// Everything.
    pub app: &'a App,
    /// The App on GitHub.
    pub github: &'a GitHub,
    /// What the sticky comment and the review are remembered under.
    pub subject: String,
    /// The repository.
    pub place: RepoRef,
    /// The pull request.
    pub pull: &'a PullRequest,
    /// The run.
    pub run: &'a RunId,
    /// Its log, folded, without secrets.
    pub view: &'a View,
    /// Where more can be read.
    pub links: Links,
}

impl Post<'_> {
    /// What was posted there, as far as we know.
    pub async fn before(&self, subject: &str, surface: &str) -> Result<Option<Posted>, Fault> {
        let posted = self.app.deps.store.posted(subject, surface).await;
        posted.map_err(|e| Fault::passing("read what was posted", e))
    }

    /// What has to be done so that GitHub shows `text`.
    pub async fn due(&self, subject: &str, surface: &str, text: &[u8]) -> Result<Due, Fault> {
        Ok(match self.before(subject, surface).await? {
            Some(before) if before.digest == Digest::of(text).as_str() => Due::Nothing,
            Some(before) => Due::Post {
                known: before.remote_id.parse().ok(),
            },
            None => Due::Post { known: None },
        })
    }

    /// Notes what was posted.
    pub async fn posted(
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
