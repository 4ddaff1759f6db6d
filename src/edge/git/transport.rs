//! git's smart HTTP protocol over our own HTTP client: the token is in a header from the first request on, every wait
//! ends, and everything is bounded. Protocol: git's documentation, `gitprotocol-http`.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream, Transport};
use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Url, redirect};
use secrecy::{ExposeSecret, SecretString};

use super::error::GitError;
use crate::domain::limits;

/// One fetch or push: what it may use, and why it failed.
#[derive(Debug)]
struct Call {
    url: String,
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

/// Makes libgit2 use this module for URLs that begin with `scheme`.
///
/// # Safety
/// No transport may be created at the same time.
pub(super) unsafe fn register(scheme: &str) -> Result<(), git2::Error> {
    // SAFETY: the caller's promise is what git2 asks for.
    unsafe {
        git2::transport::register(scheme, |remote| {
            let call = CURRENT
                .with_borrow(Clone::clone)
                .ok_or_else(|| git2::Error::from_str("there is no call under way"))?;
            let base = RefCell::new(call.url.clone());
            Transport::smart(remote, true, Http { call, base })
        })
    }
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
    /// Keeps why the call failed, for whoever made it. What goes through libgit2 is only that it did.
    fn fail(&self, why: GitError) -> String {
        let text = why.to_string();
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(why);
        text
    }

    fn broken(&self, source: impl std::error::Error + Send + Sync + 'static) -> GitError {
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
    fn send(&self, request: RequestBuilder, wanted: &str) -> Result<Response, GitError> {
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
fn client() -> Result<&'static Client, reqwest::Error> {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    if let Some(client) = CLIENT.get() {
        return Ok(client);
    }
    let client = Client::builder()
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

/// The transport of one connection.
struct Http {
    call: Arc<Call>,
    /// Where the repository is: elsewhere on the same server after a redirect.
    base: RefCell<String>,
}

impl Http {
    /// Asks for the references, following redirects within the server.
    fn discover(&self, service: &str) -> Result<Response, GitError> {
        let call = &self.call;
        let wanted = format!("application/x-{service}-advertisement");
        for _ in 0..=limits::GIT_REDIRECTS {
            let url = format!("{}/info/refs?service={service}", self.base.borrow());
            let here = Url::parse(&url).map_err(|e| call.broken(e))?;
            let client = client().map_err(|e| call.broken(e))?;
            let answer = call.send(client.get(here.clone()), &wanted)?;
            if !answer.status().is_redirection() {
                return Ok(answer);
            }
            let to = (answer.headers().get(LOCATION))
                .and_then(|to| to.to_str().ok())
                .and_then(|to| here.join(to).ok());
            let Some(to) = to else {
                let url = call.url.clone();
                let what = "with a redirect to nowhere".to_owned();
                return Err(GitError::Answer { url, what });
            };
            if to.origin() != here.origin() {
                return Err(GitError::Redirected {
                    url: call.url.clone(),
                    to: to.host_str().unwrap_or_default().to_owned(),
                });
            }
            let base = to.as_str().split("/info/refs").next().unwrap_or_default();
            *self.base.borrow_mut() = base.to_owned();
        }
        Err(GitError::Answer {
            url: call.url.clone(),
            what: "with one redirect after the other".to_owned(),
        })
    }
}

impl SmartSubtransport for Http {
    fn action(
        &self,
        _url: &str,
        action: Service,
    ) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        let (service, stage) = match action {
            Service::UploadPackLs => ("git-upload-pack", None),
            Service::ReceivePackLs => ("git-receive-pack", None),
            Service::UploadPack => ("git-upload-pack", Some(Vec::new())),
            Service::ReceivePack => ("git-receive-pack", Some(Vec::new())),
        };
        let stage = match stage {
            Some(request) => Stage::Asking(request),
            None => {
                let answer = self.discover(service);
                Stage::Answering(answer.map_err(|why| git2::Error::from_str(&self.call.fail(why)))?)
            }
        };
        Ok(Box::new(Exchange {
            call: self.call.clone(),
            url: format!("{}/{service}", self.base.borrow()),
            service,
            stage,
            received: 0,
        }))
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// One request and its answer. libgit2 writes all of the one and then reads the other.
struct Exchange {
    call: Arc<Call>,
    url: String,
    service: &'static str,
    stage: Stage,
    received: u64,
}

enum Stage {
    Asking(Vec<u8>),
    Answering(Response),
}

impl Exchange {
    fn fail(&self, why: GitError) -> io::Error {
        io::Error::other(self.call.fail(why))
    }

    fn too_much(&self, what: &str, limit: u64) -> io::Error {
        self.fail(GitError::TooMuch {
            what: format!("{what} {}", self.call.url),
            limit,
            unit: "bytes",
        })
    }

    fn ask(&self, request: Vec<u8>) -> Result<Response, GitError> {
        let client = client().map_err(|e| self.call.broken(e))?;
        let request = client
            .post(&self.url)
            .header(
                CONTENT_TYPE,
                format!("application/x-{}-request", self.service),
            )
            .body(request);
        let wanted = format!("application/x-{}-result", self.service);
        let answer = self.call.send(request, &wanted)?;
        if answer.status().is_redirection() {
            let url = self.call.url.clone();
            let what = "with a redirect in the middle of the exchange".to_owned();
            return Err(GitError::Answer { url, what });
        }
        Ok(answer)
    }
}

impl Write for Exchange {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.stage {
            Stage::Asking(request) if request.len() + bytes.len() <= limits::GIT_SEND_BYTES => {
                request.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            Stage::Asking(_) => {
                Err(self.too_much("what is sent to", limits::GIT_SEND_BYTES as u64))
            }
            Stage::Answering(_) => Err(io::Error::other("the request was sent already")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Exchange {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Stage::Asking(request) = &mut self.stage {
            let request = std::mem::take(request);
            let answer = self.ask(request).map_err(|why| self.fail(why))?;
            self.stage = Stage::Answering(answer);
        }
        let Stage::Answering(answer) = &mut self.stage else {
            return Ok(0);
        };
        match answer.read(into) {
            Ok(count) => {
                self.received += count as u64;
                if self.received > limits::GIT_RECEIVE_BYTES {
                    return Err(self.too_much("what comes from", limits::GIT_RECEIVE_BYTES));
                }
                Ok(count)
            }
            Err(e) => Err(self.fail(self.call.broken(e))),
        }
    }
}
