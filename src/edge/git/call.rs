//! One fetch or push: its token, its time, its HTTP requests, and why it failed.

use std::cell::RefCell;
use std::io::Read as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect;
use secrecy::{ExposeSecret, SecretString};

use super::error::GitError;
use crate::domain::limits;

/// One fetch or push: what it may use, and why it failed.
#[derive(Debug)]
pub(super) struct Call {
    /// The repository's address.
    pub(super) url: String,
    token: Option<SecretString>,
    patience: Duration,
    deadline: Instant,
    failure: Mutex<Option<GitError>>,
}

thread_local! {
    /// The call that this thread makes. libgit2 creates transports on the thread that asks for them and hands them
    /// nothing but the URL, in which a token has no place.
    static CURRENT: RefCell<Option<Arc<Call>>> = const { RefCell::new(None) };
}

/// Runs `talk`, which may fetch or push on this thread, with this token and at most for this long.
pub(super) fn during<T>(
    url: &str,
    token: Option<&SecretString>,
    patience: Duration,
    doing: &'static str,
    talk: impl FnOnce() -> Result<T, git2::Error>,
) -> Result<T, GitError> {
    /// Forgets the call also when `talk` panics.
    struct Forget;
    impl Drop for Forget {
        fn drop(&mut self) {
            CURRENT.set(None);
        }
    }
    let call = Arc::new(Call {
        url: url.to_owned(),
        token: token.cloned(),
        patience,
        deadline: Instant::now() + patience,
        failure: Mutex::new(None),
    });
    CURRENT.set(Some(call.clone()));
    let _forget = Forget;
    talk().map_err(|source| {
        let failure = call
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        failure.unwrap_or(GitError::Git { doing, source })
    })
}

impl Call {
    /// The call that this thread makes, if any.
    pub(super) fn current() -> Option<Arc<Self>> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Keeps why the call failed, for whoever made it. What goes through libgit2 is only that it did.
    pub(super) fn fail(&self, why: GitError) -> String {
        let text = why.to_string();
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(why);
        text
    }

    /// The error of a connection that broke: what the client says, or that the time was up.
    pub(super) fn broken(
        &self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> GitError {
        if Instant::now() >= self.deadline {
            GitError::TimedOut {
                url: self.url.clone(),
                seconds: self.patience.as_secs(),
            }
        } else {
            GitError::Unreachable {
                url: self.url.clone(),
                source: Box::new(source),
            }
        }
    }

    /// Sends a request and takes only an answer of the type that git's protocol wants; a redirect is an answer too.
    pub(super) fn send(&self, request: RequestBuilder, wanted: &str) -> Result<Response, GitError> {
        let mut request = request
            .header(ACCEPT, wanted)
            .timeout(self.deadline.saturating_duration_since(Instant::now()));
        if let Some(token) = &self.token {
            let value = format!("Basic {}", basic(token.expose_secret()));
            let mut value = HeaderValue::try_from(value).map_err(|e| self.broken(e))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let answer = request.send().map_err(|e| self.broken(e))?;
        let status = answer.status();
        if status.is_redirection() {
            return Ok(answer);
        }
        if matches!(status.as_u16(), 401 | 403 | 404) {
            return Err(GitError::Denied {
                url: self.url.clone(),
                status: status.as_u16(),
                said: self.words(answer),
            });
        }
        let kind = answer.headers().get(CONTENT_TYPE).cloned();
        if !status.is_success() || kind.is_none_or(|kind| kind != wanted) {
            let what = if status.is_success() {
                "with something that is not git's protocol".to_owned()
            } else {
                format!("{}{}", status.as_u16(), self.words(answer))
            };
            let url = self.url.clone();
            return Err(GitError::Answer { url, what });
        }
        Ok(answer)
    }

    /// The beginning of a refusal in plain text, as `, "text"`; anything but plain text is not for people.
    fn words(&self, answer: Response) -> String {
        let is_text = (answer.headers().get(CONTENT_TYPE))
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
        let mut bytes = Vec::new();
        let limit = 4 * limits::GIT_WORDS_CHARS as u64;
        if !is_text || answer.take(limit).read_to_end(&mut bytes).is_err() || bytes.is_empty() {
            return String::new();
        }
        let text = String::from_utf8_lossy(&bytes);
        format!(", {:?}", tidy(&text, self.token.as_ref()))
    }
}

/// A server's words on one line: no control characters, bounded, and without the token, should the server repeat it.
pub(super) fn tidy(text: &str, token: Option<&SecretString>) -> String {
    let mut text = text.to_owned();
    if let Some(token) = token {
        let token = token.expose_secret();
        text = text
            .replace(token, "(token)")
            .replace(&basic(token), "(token)");
    }
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let words = words.join(" ");
    words.chars().take(limits::GIT_WORDS_CHARS).collect()
}

/// How GitHub takes an installation's token for git: as the password of a user of this name.
fn basic(token: &str) -> String {
    STANDARD.encode(format!("x-access-token:{token}"))
}

/// The client of the whole process. It follows no redirect by itself: it would turn a POST into a GET.
pub(super) fn client() -> Result<&'static Client, reqwest::Error> {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    if let Some(client) = CLIENT.get() {
        return Ok(client);
    }
    let client = Client::builder()
        .http1_only()
        // Servers look for "git/" to tell git from browsers.
        .user_agent(concat!(
            "git/2.0 (countersign ",
            env!("CARGO_PKG_VERSION"),
            ")"
        ))
        .redirect(redirect::Policy::none())
        .connect_timeout(Duration::from_secs(limits::GIT_CONNECT_SECONDS))
        .timeout(None)
        .build()?;
    Ok(CLIENT.get_or_init(|| client))
}
