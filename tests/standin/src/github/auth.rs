//! Who is calling, and what they may do.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::world::World;
use crate::names::RepoName;

/// How much of a permission is granted. The greater holds the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Look.
    Read,
    /// Look and change.
    Write,
    /// Everything.
    Admin,
}

/// Permissions by GitHub's names: `contents`, `pull_requests`, `issues`, `checks`, `metadata`, `workflows`, …
pub type Permissions = BTreeMap<String, Level>;

/// What an installation token reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenScope {
    /// The repositories it covers.
    pub repositories: Vec<RepoName>,
    /// What it may do there.
    pub permissions: Permissions,
}

impl TokenScope {
    /// Whether it covers `repo`.
    pub fn covers(&self, repo: &RepoName) -> bool {
        self.repositories.contains(repo)
    }
    /// Whether it has `permission` at `level` or above.
    pub fn may(&self, permission: &str, level: Level) -> bool {
        self.permissions
            .get(permission)
            .is_some_and(|granted| *granted >= level)
    }
}

/// An installation token that was handed out.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub text: String,
    pub expires_ms: i64,
    pub installation: u64,
    pub scope: TokenScope,
}

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy)]
pub(super) enum Needs {
    /// Nobody in particular: what is asked for is its own key.
    Nothing,
    /// The App itself, by its JWT.
    App,
    /// Any installation token.
    AnyToken,
    /// A token that covers the repository of the path and has one of these permissions.
    OneOf(&'static [(&'static str, Level)]),
}

/// The caller, once believed.
#[derive(Debug, Clone)]
pub(super) enum Caller {
    App,
    Installation { id: u64, scope: TokenScope },
}

impl World {
    /// Believes or refuses the caller of an API route.
    pub(super) fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(|| Refusal::new(401, "Requires authentication"))?;
        let secret = given
            .strip_prefix("Bearer ")
            .or_else(|| given.strip_prefix("bearer "))
            .or_else(|| given.strip_prefix("token "))
            .ok_or_else(|| Refusal::new(401, "Bad credentials"))?;
        if secret.starts_with("ey") {
            self.app
                .check_jwt(secret, &[machine_seconds(), self.now_ms() / 1000])
                .map(|()| Caller::App)
        } else {
            let token = self
                .live_token(secret)
                .ok_or_else(|| Refusal::new(401, "Bad credentials"))?;
            Ok(Caller::Installation {
                id: token.installation,
                scope: token.scope.clone(),
            })
        }
    }

    /// The scope of the token in a git request's header, if it is there and alive.
    pub(super) fn git_scope(&self, headers: &HeaderMap) -> Option<TokenScope> {
        let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let secret = match given.split_once(' ')? {
            (kind, token) if kind.eq_ignore_ascii_case("bearer") => token.to_owned(),
            (kind, pair) if kind.eq_ignore_ascii_case("basic") => {
                let pair = base64::engine::general_purpose::STANDARD
                    .decode(pair)
                    .ok()?;
                let pair = String::from_utf8(pair).ok()?;
                pair.strip_prefix("x-access-token:")?.to_owned()
            }
            _ => return None,
        };
        self.live_token(&secret).map(|token| token.scope.clone())
    }

    fn live_token(&self, secret: &str) -> Option<&Token> {
        let now = self.now_ms();
        self.tokens
            .iter()
            .find(|token| token.text == secret && now < token.expires_ms)
    }
}

/// Holds a believed caller against what the route needs. A repository outside of the token is *not found*, so that a
/// token does not tell what else exists; a missing permission is *forbidden*.
pub(super) fn authorise(
    caller: &Caller,
    needs: Needs,
    repo: Option<&RepoName>,
) -> Result<(), Refusal> {
    match (needs, caller) {
        (Needs::Nothing, _) => Ok(()),
        (Needs::App, Caller::App) | (Needs::AnyToken, Caller::Installation { .. }) => Ok(()),
        (Needs::App, Caller::Installation { .. }) => {
            Err(Refusal::new(401, "A JSON web token could not be decoded"))
        }
        (Needs::AnyToken | Needs::OneOf(_), Caller::App) => {
            Err(Refusal::new(403, "Resource not accessible by integration"))
        }
        (Needs::OneOf(any), Caller::Installation { scope, .. }) => {
            if !repo.is_some_and(|repo| scope.covers(repo)) {
                return Err(Refusal::not_found());
            }
            if any.iter().any(|(name, level)| scope.may(name, *level)) {
                return Ok(());
            }
            let wanted: Vec<String> = any
                .iter()
                .map(|(name, level)| {
                    format!(
                        "{name}={}",
                        if *level == Level::Read {
                            "read"
                        } else {
                            "write"
                        }
                    )
                })
                .collect();
            Err(Refusal::new(403, "Resource not accessible by integration")
                .with_header("x-accepted-github-permissions", &wanted.join("; ")))
        }
    }
}

fn machine_seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}
