//! Stories of the stand-in for GitHub, told by a plain HTTP client and by git itself.

mod app;
mod checks;
mod faults;
mod git;
mod hooks;
mod talk;

use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use countersign_standin::github::{
    FaultKind, GitHubStandIn, Level, Moment, Options, Order, Role, Sent, Side, Standing,
};
use countersign_standin::names::{RepoName, Sha};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::support::openapi;

const SPEC: &str = "interactions/slack/post-message.yaml";
const BASE_TEXT: &str =
    "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve\n";

/// A client with nothing clever in it.
struct Client {
    http: reqwest::Client,
    api: String,
    server: String,
    secret: String,
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Client {
    fn new(github: &GitHubStandIn, secret: String) -> Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .user_agent("countersign-tests")
            .timeout(Duration::from_secs(20))
            .build()?;
        Ok(Self {
            http,
            api: github.api_url(),
            server: github.server_url(),
            secret,
        })
    }
    /// The App itself.
    fn app(github: &GitHubStandIn) -> Result<Self> {
        let now = jiff::Timestamp::now().as_second();
        let claims =
            json!({ "iss": github.app_id().to_string(), "iat": now - 60, "exp": now + 540 });
        Self::new(github, jwt(github, &claims)?)
    }
    /// With an installation token for `repo`, narrowed by `body`.
    async fn installed(github: &GitHubStandIn, repo: &RepoName, body: Value) -> Result<Self> {
        let id = github.installation(repo).context("an installation")?;
        let app = Self::app(github)?;
        let reply = app
            .post(&format!("/app/installations/{id}/access_tokens"), body)
            .await?;
        assert_eq!(reply.status, 201, "{}", reply.body);
        let token = reply.body["token"].as_str().context("a token")?;
        Self::new(github, token.to_owned())
    }
    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Reply> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.api))
            .bearer_auth(&self.secret);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)?
        };
        Ok(Reply {
            status,
            headers,
            body,
        })
    }
    async fn get(&self, path: &str) -> Result<Reply> {
        self.send(Method::GET, path, None).await
    }
    async fn post(&self, path: &str, body: Value) -> Result<Reply> {
        self.send(Method::POST, path, Some(body)).await
    }
    async fn patch(&self, path: &str, body: Value) -> Result<Reply> {
        self.send(Method::PATCH, path, Some(body)).await
    }
    /// git with this client's token in a header, which is in the environment and in no argument.
    fn git_command(&self, folder: &Path, args: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new("git");
        command
            .args(args)
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CONFIG_COUNT", "3")
            .env("GIT_CONFIG_KEY_0", "http.extraHeader")
            .env(
                "GIT_CONFIG_VALUE_0",
                format!("Authorization: Bearer {}", self.secret),
            )
            .env("GIT_CONFIG_KEY_1", "user.name")
            .env("GIT_CONFIG_VALUE_1", "tester")
            .env("GIT_CONFIG_KEY_2", "user.email")
            .env("GIT_CONFIG_VALUE_2", "tester@localhost")
            .kill_on_drop(true);
        command
    }
    async fn git(&self, folder: &Path, args: &[&str]) -> Result<Output> {
        let run = self.git_command(folder, args).output();
        Ok(tokio::time::timeout(Duration::from_secs(60), run).await??)
    }
    async fn git_ok(&self, folder: &Path, args: &[&str]) -> Result<String> {
        let output = self.git(folder, args).await?;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {words}");
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

fn jwt(github: &GitHubStandIn, claims: &Value) -> Result<String> {
    let pem = github.private_key_pem();
    let key = EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes())?;
    Ok(jsonwebtoken::encode(
        &Header::new(Algorithm::RS256),
        claims,
        &key,
    )?)
}

fn repo() -> RepoName {
    "acme/widgets".parse().expect("a repository's name")
}

/// A GitHub with one repository and one pull request of `ada`, who changes the spec's last lines and adds a file.
async fn with_pull() -> Result<(GitHubStandIn, RepoName, u64)> {
    let github = GitHubStandIn::start(Options::default()).await?;
    let repo = repo();
    github.create_repo(
        &repo,
        &[(SPEC, Some(BASE_TEXT)), ("README.md", Some("# Widgets\n"))],
    )?;
    github.set_permission(&repo, "ada", Role::Write)?;
    let changed = BASE_TEXT.replace("twelve", "twelve!");
    github.commit(
        &repo,
        "topic",
        None,
        &[(SPEC, Some(&changed)), ("new.txt", Some("a\nb\n"))],
        "ada",
    )?;
    let number = github.open_pull((&repo, "main"), (&repo, "topic"), "ada", Standing::Ready)?;
    Ok((github, repo, number))
}

/// Every story ends with this: what was sent, answered and delivered is as GitHub describes it.
fn assert_described(github: &GitHubStandIn) {
    let seen = github.requests();
    assert_eq!(openapi::check_answers(&seen), []);
    let good: Vec<_> = seen.into_iter().filter(|one| one.status < 400).collect();
    assert_eq!(openapi::check(&good), []);
    for delivery in github.deliveries() {
        let payload = serde_json::from_str(&delivery.body).expect("a payload is JSON");
        let wrong = openapi::check_payload(&delivery.event, delivery.action.as_deref(), &payload);
        assert_eq!(wrong, [""; 0], "{} {:?}", delivery.event, delivery.action);
    }
}

/// A receiver of webhooks that answers with a status and keeps what came.
type Inbox = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn receiver(status: StatusCode) -> Result<(String, Inbox)> {
    let inbox = Inbox::default();
    let kept = inbox.clone();
    let router = Router::new().fallback(move |headers: HeaderMap, body: Bytes| async move {
        kept.lock().expect("no poison").push((headers, body));
        status
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/webhook", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((url, inbox))
}
