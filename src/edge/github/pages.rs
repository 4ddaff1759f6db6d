//! Lists that come in pages.

use serde::de::DeserializeOwned;

use crate::domain::limits;

use super::app::GitHub;
use super::broker::Scope;
use super::error::GitHubError;
use super::exchange::ApiAnswer;
use crate::domain::place::RepoRef;

impl GitHub {
    /// All pages of a list, at most [`limits::GITHUB_PAGES`]. A longer list is an error, since what is looked for may
    /// be behind the end. `path` has a query already.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        at: &RepoRef,
        scope: Scope,
        path: &str,
    ) -> Result<Vec<T>, GitHubError> {
        match self.first_pages(at, scope, path).await? {
            (pages, None) => Ok(pages),
            (_, Some(path)) => {
                let what = path.split('?').next().unwrap_or_default().to_owned();
                Err(GitHubError::TooLong { what })
            }
        }
    }

    /// The first [`limits::GITHUB_PAGES`] of a list, and where it goes on when it is longer. `path` may have a query.
    pub(super) async fn first_pages<T: DeserializeOwned>(
        &self,
        at: &RepoRef,
        scope: Scope,
        path: &str,
    ) -> Result<(Vec<T>, Option<String>), GitHubError> {
        let mut pages = Vec::new();
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut next = Some(format!("{path}{joint}per_page=100"));
        while let Some(path) = next.take_if(|_| pages.len() < limits::GITHUB_PAGES) {
            let answer = self.read(at, scope, &path).await?;
            pages.push(answer.json()?);
            next = next_link(&answer).and_then(|link| self.path_of(link));
        }
        Ok((pages, next))
    }
}

/// The address behind `rel="next"` of a `Link` header.
pub(super) fn next_link(answer: &ApiAnswer) -> Option<&str> {
    answer.header("link")?.split(',').find_map(|link| {
        let (address, marks) = link.split_once(';')?;
        marks
            .split(';')
            .any(|mark| mark.trim() == r#"rel="next""#)
            .then(|| address.trim().trim_matches(['<', '>']))
    })
}
