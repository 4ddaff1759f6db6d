//! Tokens: [`TokenBroker`] asks GitHub for the narrowest one that a job needs, and for each only once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex as PlainMutex, PoisonError};

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use regex::Regex;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::domain::limits;
use crate::domain::name::RepoName;
use crate::os::clock::{Clock as _, SystemClock};

use super::client::{ApiClient, Who};
use super::error::GitHubError;
use super::exchange::{ApiCall, Sending};
use super::write_pace::Lanes;
use crate::domain::place::RepoRef;

/// What a token is for. Each is good for one repository and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Fetching commits.
    Read,
    /// Pushing commits. Such a token is asked for right before the push, and stays in this process.
    Push,
    /// Writing check runs, comments, reviews and reactions, and finding those that were written before.
    Report,
    /// Resolving threads of remarks, for which GitHub wants to see leave to write code.
    Resolve,
    /// Seeing pull requests and who people are.
    Look,
}

impl Scope {
    /// The permissions as GitHub names them. `metadata: read` comes with every token.
    pub fn permissions(self) -> Value {
        match self {
            Scope::Read => json!({ "contents": "read", "metadata": "read" }),
            Scope::Push => json!({ "contents": "write", "metadata": "read" }),
            Scope::Report => json!({
                "checks": "write",
                "issues": "write",
                "pull_requests": "write",
                "metadata": "read",
            }),
            Scope::Resolve => json!({
                "contents": "write",
                "pull_requests": "write",
                "metadata": "read",
            }),
            Scope::Look => json!({ "pull_requests": "read", "metadata": "read" }),
        }
    }
}

/// Hands out installation tokens. A token is kept until ten minutes before its end; of many that ask for the same one
/// at once, the first makes it and the others wait.
pub struct TokenBroker {
    client: Arc<ApiClient>,
    lanes: Arc<Lanes>,
    slots: PlainMutex<HashMap<Key, Slot>>,
    live: PlainMutex<Vec<Token>>,
    /// The one that is handed out for everything, where none can be made.
    given: Option<SecretString>,
}

type Key = (u64, RepoName, Scope);
type Slot = Arc<Mutex<Option<Token>>>;

#[derive(Clone)]
struct Token {
    secret: SecretString,
    ends_ms: i64,
}

impl TokenBroker {
    /// With a token that was `given`, that one is handed out, whatever it is for.
    pub(super) fn new(
        client: Arc<ApiClient>,
        lanes: Arc<Lanes>,
        given: Option<SecretString>,
    ) -> Self {
        let live = given.clone().map(|secret| Token {
            secret,
            ends_ms: i64::MAX,
        });
        Self {
            client,
            lanes,
            slots: PlainMutex::default(),
            live: PlainMutex::new(live.into_iter().collect()),
            given,
        }
    }

    /// A token of this scope for one repository, with at least [`limits::TOKEN_LEFT_MINUTES`] to live.
    pub async fn token(&self, at: &RepoRef, scope: Scope) -> Result<SecretString, GitHubError> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        let slot = self.slot(at, scope);
        let mut slot = slot.lock().await;
        if let Some(token) = slot.as_ref()
            && token.ends_ms - now_ms() >= limits::TOKEN_LEFT_MINUTES * 60_000
        {
            return Ok(token.secret.clone());
        }
        *slot = None;
        let token = self.make(at, scope).await?;
        *slot = Some(token.clone());
        Ok(token.secret)
    }

    /// Forgets a token that GitHub does not take any more, unless it was replaced already.
    pub async fn discard(&self, at: &RepoRef, scope: Scope, refused: &SecretString) {
        let slot = self.slot(at, scope);
        let mut slot = slot.lock().await;
        if slot
            .as_ref()
            .is_some_and(|token| token.secret.expose_secret() == refused.expose_secret())
        {
            *slot = None;
        }
    }

    /// The text without any token: those that were handed out and still live, alone or as git sends them, and whatever
    /// has the form of one.
    pub fn redact(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for token in self.live() {
            let secret = token.secret.expose_secret();
            let basic = BASE64.encode(format!("x-access-token:{secret}"));
            for form in [secret, basic.as_str()] {
                if clean.contains(form) {
                    clean = clean.replace(form, REDACTED);
                }
            }
        }
        FORM.replace_all(&clean, REDACTED).into_owned()
    }

    fn slot(&self, at: &RepoRef, scope: Scope) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots
            .entry((at.installation, at.repo.clone(), scope))
            .or_default()
            .clone()
    }

    fn live(&self) -> Vec<Token> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.retain(|token| token.ends_ms > now_ms());
        live.clone()
    }

    async fn make(&self, at: &RepoRef, scope: Scope) -> Result<Token, GitHubError> {
        #[derive(Deserialize)]
        struct MadeToken {
            token: SecretString,
            expires_at: jiff::Timestamp,
        }
        let lane = self.lanes.of(at.installation);
        lane.is_open()?;
        let path = format!("/app/installations/{}/access_tokens", at.installation);
        let body = json!({
            "repositories": [at.repo.name()],
            "permissions": scope.permissions(),
        });
        let ask = ApiCall {
            method: Method::POST,
            path: &path,
            body: Some(&body),
        };
        // MadeToken twice, one of the two is forgotten and ends by itself.
        let sent = self.client.send(&Who::App, &ask, Sending::Repeated);
        let answer = sent.await?;
        let made: MadeToken = lane.heed(answer)?.json()?;
        let token = Token {
            secret: made.token,
            ends_ms: made.expires_at.as_millisecond(),
        };
        self.live();
        self.live
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(token.clone());
        Ok(token)
    }
}

const REDACTED: &str = "[redacted]";

/// Tokens by their form, old and new. Source: GitHub's docs, "About authentication to GitHub", and its announcement
/// that installation tokens become longer and hold dots.
static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:gh[oprsu]_|github_pat_)[A-Za-z0-9._-]{20,}").expect("a regular expression")
});

fn now_ms() -> i64 {
    SystemClock.now_ms()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_by_their_form() {
        for token in [
            format!("ghs_{}", "a1B2".repeat(9)),
            format!("ghs_12345_{}.{}-_", "eyJ0".repeat(30), "a".repeat(80)),
            format!("github_pat_{}", "a".repeat(60)),
        ] {
            let text = format!("https://x:{token}@host");
            assert_eq!(
                FORM.replace_all(&text, REDACTED),
                "https://x:[redacted]@host"
            );
        }
        assert!(!FORM.is_match("highs_and_lows_of_a_very_long_story"));
    }

    #[test]
    fn no_scope_may_more_than_it_needs() {
        for scope in [
            Scope::Read,
            Scope::Push,
            Scope::Report,
            Scope::Resolve,
            Scope::Look,
        ] {
            let permissions = scope.permissions();
            let writes_code = permissions["contents"] == "write";
            let may = matches!(scope, Scope::Push | Scope::Resolve);
            assert_eq!(writes_code, may, "{scope:?}");
            for never in ["administration", "workflows", "actions", "members"] {
                assert!(permissions.get(never).is_none(), "{scope:?}: {never}");
            }
        }
    }
}
