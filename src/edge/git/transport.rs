//! git's smart HTTP protocol over our own HTTP client: the token is in a header from the first request on, every wait
//! ends, and everything is bounded. Protocol: git's documentation, `gitprotocol-http`.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::sync::Arc;

use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream, Transport};
use reqwest::Url;
use reqwest::blocking::Response;
use reqwest::header::{CONTENT_TYPE, LOCATION};

use super::call::{Call, client};
use super::error::GitError;
use crate::domain::limits;

/// Makes libgit2 use this module for URLs that begin with `scheme`.
///
/// # Safety
/// No transport may be created at the same time.
pub(super) unsafe fn register(scheme: &str) -> Result<(), git2::Error> {
    // SAFETY: the caller's promise is what git2 asks for.
    unsafe {
        git2::transport::register(scheme, |remote| {
            let call = Call::current()
                .ok_or_else(|| git2::Error::from_str("there is no call under way"))?;
            let base = RefCell::new(call.url.clone());
            Transport::smart(remote, true, Http { call, base })
        })
    }
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
        Ok(Box::new(HttpExchange {
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
struct HttpExchange {
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

impl HttpExchange {
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

impl Write for HttpExchange {
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

impl Read for HttpExchange {
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
