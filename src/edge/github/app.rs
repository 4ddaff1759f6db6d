//! GitHub as our App sees it: [`GitHub`].

use std::sync::Arc;

use axum::http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::domain::name::RepoName;
use crate::domain::pull::BotIdentity;

use super::broker::{Scope, TokenBroker};
use super::client::{ApiClient, Who, address};
use super::error::GitHubError;
use super::exchange::{ApiAnswer, ApiCall, Sending};
use super::identity::Identity;
use super::write_pace::{Lane, Lanes};
use crate::domain::place::RepoRef;

/// How to reach GitHub, and as whom.
#[derive(Debug, Clone)]
pub struct GitHubConfig {
    /// The address of the API, with its path: `https://github.example.com/api/v3`.
    pub api_url: String,
    /// The address of the web pages and of git. Not derived from `api_url`, nor the other way round.
    pub server_url: String,
    /// As whom.
    pub identity: Identity,
    /// Milliseconds between two writes to one installation; [`crate::domain::limits::WRITE_SPACING_MS`] unless tested.
    pub write_spacing_ms: u64,
}

/// GitHub, for one App or one token. Cheap to clone; all clones share connections, tokens and the pace of writing.
///
/// A request ends within a minute. Reads are repeated a few times when GitHub fails; writes are sent once, and those
/// named `ensure_…` look before they write, so that whoever is not sure can call them again.
#[derive(Clone)]
pub struct GitHub {
    inner: Arc<Inner>,
}

struct Inner {
    client: Arc<ApiClient>,
    lanes: Arc<Lanes>,
    broker: TokenBroker,
    server_url: String,
    /// None where there is but a token, which does not say whose it is.
    app_id: Option<u64>,
    login: OnceCell<String>,
    bot: OnceCell<BotIdentity>,
}

impl GitHub {
    /// Checks the addresses and the key; asks GitHub nothing yet. To be called within a Tokio runtime.
    pub fn new(config: GitHubConfig) -> Result<Self, GitHubError> {
        let server_url = address(
            "GITHUB_SERVER_URL",
            &config.server_url,
            "https://github.example.com",
        )?;
        let client = Arc::new(ApiClient::new(&config.api_url, &config.identity)?);
        let lanes = Arc::new(Lanes::new(config.write_spacing_ms));
        let (given, app_id, login) = match config.identity {
            Identity::App { id, .. } => (None, Some(id), OnceCell::new()),
            Identity::Token { token, login } => {
                (Some(token), None, OnceCell::new_with(Some(login)))
            }
        };
        Ok(Self {
            inner: Arc::new(Inner {
                broker: TokenBroker::new(client.clone(), lanes.clone(), given),
                client,
                lanes,
                server_url: server_url.as_str().trim_end_matches('/').to_owned(),
                app_id,
                login,
                bot: OnceCell::new(),
            }),
        })
    }

    /// The host of GitHub's pages, which the addresses of its accounts end with.
    pub fn server_host(&self) -> String {
        let url = self.inner.server_url.parse::<axum::http::Uri>().ok();
        url.and_then(|url| url.host().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Where git finds the repository: `https://github.com/acme/shop.git`. Without a token; that goes into a header.
    pub fn clone_url(&self, repo: &RepoName) -> String {
        format!("{}/{repo}.git", self.inner.server_url)
    }

    /// The tokens.
    pub fn broker(&self) -> &TokenBroker {
        &self.inner.broker
    }

    /// The login of our bot account, `countersign[bot]`. GitHub is asked once, unless it was said.
    pub async fn bot_login(&self) -> Result<String, GitHubError> {
        #[derive(Deserialize)]
        struct AppBody {
            slug: String,
        }
        let ask = || async {
            let app: AppBody = self.as_app("/app").await?;
            Ok(format!("{}[bot]", app.slug))
        };
        self.inner.login.get_or_try_init(ask).await.cloned()
    }

    /// Our bot account, whose id commits need. GitHub is asked once, with a token for `at`: it tells an App about users
    /// only where the App is installed.
    pub async fn bot_identity(&self, at: &RepoRef) -> Result<BotIdentity, GitHubError> {
        let ask = || async {
            let login = self.bot_login().await?;
            let user_id = self.user_id(at, &login).await?;
            Ok(BotIdentity { login, user_id })
        };
        self.inner.bot.get_or_try_init(ask).await.cloned()
    }

    pub(super) async fn as_app<T: DeserializeOwned>(&self, path: &str) -> Result<T, GitHubError> {
        self.read_as_app(path).await?.json()
    }

    /// Reads `path` as the App itself.
    pub(super) async fn read_as_app(&self, path: &str) -> Result<ApiAnswer, GitHubError> {
        let ask = ApiCall::get(path);
        let sent = self.inner.client.send(&Who::App, &ask, Sending::Repeated);
        sent.await
    }

    /// Whether something that this App made is ours, as far as that can be told.
    pub(super) fn is_ours(&self, app: u64) -> bool {
        self.inner.app_id.is_none_or(|ours| ours == app)
    }

    /// Where writes to this installation wait for their turn.
    pub(super) fn lane(&self, at: &RepoRef) -> Arc<Lane> {
        self.inner.lanes.of(at.installation)
    }

    pub(super) fn path_of(&self, link: &str) -> Option<String> {
        self.inner.client.path_of(link)
    }

    /// Reads `path` with a token of this scope.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        at: &RepoRef,
        scope: Scope,
        path: &str,
    ) -> Result<T, GitHubError> {
        self.read(at, scope, path).await?.json()
    }

    /// The same, with the answer's headers.
    pub(super) async fn read(
        &self,
        at: &RepoRef,
        scope: Scope,
        path: &str,
    ) -> Result<ApiAnswer, GitHubError> {
        self.send(at, scope, &ApiCall::get(path), Sending::Repeated)
            .await
    }

    /// Writes, when the installation's turn has come.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        at: &RepoRef,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<T, GitHubError> {
        let body = Some(body);
        let ask = ApiCall { method, path, body };
        let lane = self.lane(at);
        let _turn = lane.turn(&ask.what()).await?;
        self.send(at, Scope::Report, &ask, Sending::Once)
            .await?
            .json()
    }

    /// A token that GitHub does not take is thrown away and made anew, once: it may have been revoked. What was refused
    /// for its token was not done, so that even a write may be sent again.
    pub(super) async fn send(
        &self,
        at: &RepoRef,
        scope: Scope,
        ask: &ApiCall<'_>,
        sending: Sending,
    ) -> Result<ApiAnswer, GitHubError> {
        let Inner { broker, client, .. } = &*self.inner;
        let lane = self.lane(at);
        lane.is_open()?;
        let token = broker.token(at, scope).await?;
        let answer = client
            .send(&Who::Token(token.clone()), ask, sending)
            .await?;
        if answer.status != 401 {
            return lane.heed(answer);
        }
        broker.discard(at, scope, &token).await;
        let token = broker.token(at, scope).await?;
        let answer = client.send(&Who::Token(token), ask, sending).await?;
        lane.heed(answer)
    }
}
