//! GitHub's other API, for what its first cannot do: hide what is outdated, and resolve threads.

use axum::http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::domain::limits;
use crate::domain::place::RepoRef;
use crate::text::clip::shorten;

use super::app::GitHub;
use super::broker::Scope;
use super::client::GRAPHQL;
use super::error::GitHubError;
use super::exchange::{ApiCall, Sending};

/// An answer, whose HTTP status says nothing. Source: "Forming calls with GraphQL" and "Rate limits" in GitHub's docs.
#[derive(Deserialize)]
struct GraphAnswer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<GraphError>,
}

#[derive(Deserialize)]
struct GraphError {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    message: String,
}

impl GraphError {
    /// The status that the first API would have answered with.
    fn status(&self) -> u16 {
        match self.kind.as_str() {
            "FORBIDDEN" | "INSUFFICIENT_SCOPES" => 403,
            "NOT_FOUND" => 404,
            "STALE_DATA" => 409,
            "RATE_LIMITED" => 429,
            "INTERNAL" | "SERVICE_UNAVAILABLE" => 502,
            _ => 422,
        }
    }
}

impl GitHub {
    /// Asks; `variables` are those of the query.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        at: &RepoRef,
        query: &str,
        variables: &Value,
    ) -> Result<T, GitHubError> {
        self.graph(at, Scope::Report, query, variables, Sending::Repeated)
            .await
    }

    /// Changes something, when the installation's turn has come.
    pub(super) async fn mutate<T: DeserializeOwned>(
        &self,
        at: &RepoRef,
        scope: Scope,
        mutation: &str,
        variables: &Value,
    ) -> Result<T, GitHubError> {
        let lane = self.lane(at);
        let _turn = lane.turn(GRAPHQL).await?;
        self.graph(at, scope, mutation, variables, Sending::Once)
            .await
    }

    async fn graph<T: DeserializeOwned>(
        &self,
        at: &RepoRef,
        scope: Scope,
        query: &str,
        variables: &Value,
        sending: Sending,
    ) -> Result<T, GitHubError> {
        let body = json!({ "query": query, "variables": variables });
        let ask = ApiCall {
            method: Method::POST,
            path: GRAPHQL,
            body: Some(&body),
        };
        let answer = self.send(at, scope, &ask, sending).await?;
        let given: GraphAnswer<T> = answer.json()?;
        match (given.errors.first(), given.data) {
            (None, Some(data)) => Ok(data),
            (None, None) => Err(GitHubError::Missing {
                what: ask.what(),
                field: "data",
            }),
            (Some(error), _) => Err(GitHubError::Refused {
                what: ask.what(),
                status: error.status(),
                message: shorten(&error.message, limits::GITHUB_MESSAGE_CHARS),
                request_id: answer
                    .header("x-github-request-id")
                    .map(|id| shorten(id, limits::NAME_CHARS)),
            }),
        }
    }
}
