//! The pages of the set-up. They work without scripts.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::edge::github::GitHubError;

/// What is shown first.
#[derive(Template)]
#[template(path = "begin.html", config = "src/cli/setup/askama.toml")]
pub(super) struct Begin<'a> {
    /// For the page's policy: where its form goes.
    pub posts_to: String,
    pub name: &'a str,
    pub owner: &'a str,
    pub folder: &'a str,
    pub permissions: Vec<(String, &'static str)>,
    pub webhook: Option<&'a str>,
    pub action: &'a str,
    pub manifest: &'a str,
}

/// What is shown at the end.
#[derive(Template)]
#[template(path = "made.html", config = "src/cli/setup/askama.toml")]
pub(super) struct Made<'a> {
    pub posts_to: &'static str,
    pub slug: &'a str,
    pub page: &'a str,
    /// What it needs and does not have, when GitHub could be asked.
    pub lacks: &'a Result<Vec<String>, GitHubError>,
    pub folder: &'a str,
    pub env_file: &'a str,
    pub how: &'static str,
}

/// What is shown when it did not work.
#[derive(Template)]
#[template(path = "failed.html", config = "src/cli/setup/askama.toml")]
pub(super) struct Failed<'a> {
    pub posts_to: &'static str,
    pub why: &'a str,
}

/// A page as an answer.
pub(super) fn shown(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, [("cache-control", "no-store")], Html(html)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
