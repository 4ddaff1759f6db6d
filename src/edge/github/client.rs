//! Requests and answers, and nothing that knows what they are about.
//!
//! octocrab signs and sends; its typed half is left alone, since its models demand fields that are not always there and
//! its retries send a comment several times. A request here is sent once; only reads are sent again.

use std::time::Duration;

use axum::http::{Request, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use octocrab::Octocrab;
use octocrab::models::AppId;
use octocrab::service::middleware::retry::RetryConfig;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::limits;
use crate::os::retry::{Pauses, Spread};

use super::error::GitHubError;
use super::exchange::{ApiAnswer, ApiCall, Sending};
use super::identity::Identity;

/// The path of the other API, which is not below the address of the first.
pub(super) const GRAPHQL: &str = "/graphql";

/// When a read is sent again.
const READS: Pauses = Pauses {
    first: Duration::from_millis(400),
    times: limits::GITHUB_READS as usize - 1,
    spread: Spread::Double,
};

/// Who asks.
#[derive(Clone)]
pub(super) enum Who {
    /// The App itself, by a token that it signs.
    App,
    /// The App in an installation, by a token that GitHub made.
    Token(SecretString),
}

/// One connection pool to one GitHub.
pub(super) struct ApiClient {
    app: Octocrab,
    base_path: String,
    graphql_path: String,
}

impl ApiClient {
    pub(super) fn new(api_url: &str, identity: &Identity) -> Result<Self, GitHubError> {
        let base = address(
            "GITHUB_API_URL",
            api_url,
            "https://github.example.com/api/v3",
        )?;
        // Paths are put together here: octocrab would put the base's in front of those that do not begin with it.
        let mut origin = base.clone();
        origin.set_path("");
        let silence = Some(Duration::from_secs(limits::GITHUB_SILENCE_SECONDS));
        let builder = match identity {
            Identity::App { id, private_key } => {
                Octocrab::builder().app(AppId(*id), signing_key(private_key)?)
            }
            Identity::Token { token, .. } => Octocrab::builder().user_access_token(token.clone()),
        };
        let app = builder
            .base_uri(origin.as_str())
            .and_then(|builder| {
                builder
                    .add_retry_config(RetryConfig::None)
                    .set_connect_timeout(Some(Duration::from_secs(limits::GITHUB_CONNECT_SECONDS)))
                    .set_read_timeout(silence)
                    .set_write_timeout(silence)
                    .build()
            })
            .map_err(|source| GitHubError::Client(Box::new(source)))?;
        let base_path = base.path().trim_end_matches('/').to_owned();
        let graphql_path = graphql_path(&base_path);
        Ok(Self {
            app,
            base_path,
            graphql_path,
        })
    }

    /// Sends a request, again too when it may be and GitHub fails to answer it.
    pub(super) async fn send(
        &self,
        who: &Who,
        ask: &ApiCall<'_>,
        sending: Sending,
    ) -> Result<ApiAnswer, GitHubError> {
        let mut pauses = READS.begin();
        loop {
            let result = self.once(who, ask).await;
            let failed = match &result {
                Ok(answer) => answer.status >= 500,
                Err(GitHubError::Unreachable { .. } | GitHubError::TimedOut { .. }) => true,
                Err(_) => false,
            };
            let pause = pauses
                .next()
                .filter(|_| failed && sending == Sending::Repeated);
            let Some(pause) = pause else {
                return result;
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn once(&self, who: &Who, ask: &ApiCall<'_>) -> Result<ApiAnswer, GitHubError> {
        let seconds = limits::GITHUB_REQUEST_SECONDS;
        let sent = self.exchange(who, ask);
        match tokio::time::timeout(Duration::from_secs(seconds), sent).await {
            Ok(result) => result,
            Err(_) => Err(GitHubError::TimedOut {
                what: ask.what(),
                seconds,
            }),
        }
    }

    async fn exchange(&self, who: &Who, ask: &ApiCall<'_>) -> Result<ApiAnswer, GitHubError> {
        let unreachable = |source: Box<dyn std::error::Error + Send + Sync>| {
            let what = ask.what();
            GitHubError::Unreachable { what, source }
        };
        let crab = match who {
            Who::App => self.app.clone(),
            Who::Token(token) => self
                .app
                .user_access_token(token.clone())
                .map_err(|source| GitHubError::Client(Box::new(source)))?,
        };
        let path = match ask.path {
            GRAPHQL => self.graphql_path.clone(),
            path => format!("{}{path}", self.base_path),
        };
        let request = Request::builder()
            .method(ask.method.clone())
            .uri(path)
            .header(header::ACCEPT, "application/vnd.github+json");
        let request = crab
            .build_request(request, ask.body)
            .map_err(|source| unreachable(source.into()))?;
        let response = crab
            .execute(request)
            .await
            .map_err(|source| unreachable(source.into()))?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, limits::GITHUB_ANSWER_BYTES)
            .collect()
            .await
            .map_err(|source| match source.is::<LengthLimitError>() {
                true => GitHubError::TooLarge { what: ask.what() },
                false => unreachable(source),
            })?
            .to_bytes();
        Ok(ApiAnswer {
            what: ask.what(),
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }

    /// The path of a page that GitHub names, as this client takes paths. Only the path: the host that GitHub knows
    /// itself by may be another than ours, and a token goes to no other host than ours.
    pub(super) fn path_of(&self, link: &str) -> Option<String> {
        let path = axum::http::Uri::try_from(link).ok()?;
        let path = path.path_and_query()?.as_str();
        let path = path.strip_prefix(self.base_path.as_str()).unwrap_or(path);
        path.starts_with('/').then(|| path.to_owned())
    }
}

/// Beside the first API: `/graphql` on github.com, `/api/graphql` beside `/api/v3` on Enterprise Server. Source: "Forming
/// calls with GraphQL" in GitHub's docs.
fn graphql_path(base_path: &str) -> String {
    let beside = base_path.strip_suffix("/v3").unwrap_or(base_path);
    format!("{beside}{GRAPHQL}")
}

/// Whether this can be the App's private key.
///
/// # Errors
/// [`GitHubError::Key`]
pub fn check_private_key(key: &SecretString) -> Result<(), GitHubError> {
    signing_key(key).map(drop)
}

/// Whether it is the plain address of a web server: http or https, without user, query or fragment.
pub fn is_address(text: &str) -> bool {
    plain_address(text).is_some()
}

fn signing_key(key: &SecretString) -> Result<octocrab::EncodingKey, GitHubError> {
    octocrab::EncodingKey::from_rsa_pem(key.expose_secret().as_bytes()).map_err(GitHubError::Key)
}

pub(super) fn address(
    name: &'static str,
    text: &str,
    example: &'static str,
) -> Result<reqwest::Url, GitHubError> {
    plain_address(text).ok_or(GitHubError::Address { name, example })
}

fn plain_address(text: &str) -> Option<reqwest::Url> {
    let url = reqwest::Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_api_is_beside_the_first() {
        for (base, graphql) in [
            ("", "/graphql"),
            ("/api/v3", "/api/graphql"),
            ("/github/api/v3", "/github/api/graphql"),
        ] {
            assert_eq!(graphql_path(base), graphql);
        }
    }

    #[test]
    fn an_address_is_nothing_but_an_address() {
        for good in [
            "https://api.github.com",
            "http://127.0.0.1:5800/api/v3",
            "https://ghe.example.com/api/v3/",
        ] {
            assert!(plain_address(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "api.github.com",
            "ssh://git@github.com",
            "https://user@ghe.example.com",
            "https://ghe.example.com?x",
            "https://ghe.example.com#x",
            "file:///etc",
        ] {
            assert!(plain_address(bad).is_none(), "{bad}");
        }
    }
}
